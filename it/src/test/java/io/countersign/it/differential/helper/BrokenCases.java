// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.helper;

import static io.countersign.it.differential.helper.FileCases.AGENT;
import static io.countersign.it.differential.helper.FileCases.BUNDLE;
import static io.countersign.it.differential.helper.FileCases.NAMES;
import static io.countersign.it.differential.helper.FileCases.ONCE;
import static io.countersign.it.differential.helper.FileCases.TOKEN;
import static io.countersign.it.differential.helper.FileCases.WRITTEN;
import static io.countersign.it.differential.helper.FileCases.X509;
import static io.countersign.it.differential.helper.HelperCase.ENDS;
import static io.countersign.it.differential.helper.HelperCase.endsOrIsStoppedAfter;

import java.util.List;

/** Files that at least one side refuses. */
final class BrokenCases {
    private BrokenCases() {}

    static List<HelperCase> all() {
        return List.of(
                broken("no file is asked for", AGENT),
                broken("empty file", ""),
                broken("no syntax", X509 + "daemon_mode = = true"),
                broken("octal as in other languages", X509 + "key_file_mode = 0o600"),
                broken("block that is not closed", X509 + "health_checks {"),
                broken("unknown key", X509 + "no_such_key = 1"),
                broken("unknown key of our block", X509 + "countersign { color = \"red\" }"),
                broken("sql in our block", X509 + "countersign { notify { sql = \"select 1\" } }"),
                broken("key of very old versions", X509 + "timeout = \"10s\""),
                broken("two unknown keys", X509 + "zebra = 1\nape = 2"),
                broken("key of older versions", X509 + "svidFileName = \"svid.pem\""),
                broken("removed key", X509 + "exit_when_ready = true"),
                broken(
                        "unknown key of a token",
                        AGENT + TOKEN.replace("jwt_audience", "color = \"red\", jwt_audience")),
                broken("unknown key of the health checks", X509 + "health_checks { color = \"red\" }"),
                broken("two of three names", AGENT + BUNDLE + NAMES.replaceFirst("svid_key_file_name.*", "")),
                broken("one of three names", AGENT + "svid_file_name = \"svid.pem\""),
                broken("token without an audience", AGENT + "jwt_svids = [{ jwt_svid_file_name = \"token\" }]"),
                broken("token without a file", AGENT + "jwt_svids = [{ jwt_audience = \"a\" }]"),
                broken("boolean in quotes", X509 + "daemon_mode = \"false\""),
                broken("number for a boolean", X509 + "omit_expired = 1"),
                broken("list for a string", X509 + "hint = [\"blue\"]"),
                broken("word for a mode", X509 + "key_file_mode = \"rw\""),
                broken("negative mode of the key", X509 + "key_file_mode = -1"),
                broken("negative mode of the certificate", X509 + "cert_file_mode = -1"),
                broken("negative mode of the jwt bundle", AGENT + BUNDLE + "jwt_bundle_file_mode = -1"),
                broken("negative mode of the token", AGENT + TOKEN + "jwt_svid_file_mode = -1"),
                broken("mode with more than nine bits", X509 + ONCE + "key_file_mode = 04600"),
                broken("pid file without a signal", X509 + "pid_file_name = \"@DIR@/pid\""),
                broken("pid file, once", X509 + ONCE + "pid_file_name = \"@DIR@/pid\"\nrenew_signal = \"SIGHUP\""),
                broken("unknown signal", X509 + "cmd = \"true\"\nrenew_signal = \"SIGNOTHING\""),
                broken("signal in small letters", X509 + "cmd = \"true\"\nrenew_signal = \"sighup\""),
                broken("quote inside of a word", X509 + "cmd = \"true\"\ncmd_args = \"a\\\"b\""),
                broken("negative health port", X509 + "health_checks { listener_enabled = true, bind_port = -1 }"),
                broken("one path for both probes", X509 + """
                        health_checks {
                          listener_enabled = true
                          bind_port = @PORT@
                          liveness_path = "/health"
                          readiness_path = "/health"
                        }
                        """));
    }

    private static HelperCase broken(String name, String conf) {
        return HelperCase.of("broken: " + name, conf, conf.contains(ONCE) ? ENDS : endsOrIsStoppedAfter(WRITTEN));
    }
}
