// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.helper;

import static io.countersign.it.differential.helper.HelperCase.ENDS;
import static io.countersign.it.differential.helper.HelperCase.endsOrIsStoppedAfter;
import static io.countersign.it.differential.helper.HelperCase.stoppedAfter;

import java.util.List;

/** Which files are written, with what in them and with which modes. */
final class FileCases {
    static final String AGENT = """
            agent_address = "@AGENT@"
            cert_dir = "@DIR@/out"
            """;
    static final String NAMES = """
            svid_file_name = "svid.pem"
            svid_key_file_name = "svid.key"
            svid_bundle_file_name = "bundle.pem"
            """;
    static final String X509 = AGENT + NAMES;
    static final String BUNDLE = "jwt_bundle_file_name = \"keys.json\"\n";
    static final String TOKEN = "jwt_svids = [{ jwt_audience = \"a\", jwt_svid_file_name = \"token\" }]\n";
    static final String ONCE = "daemon_mode = false\n";
    static final String WRITTEN = "X.509 certificates updated";

    private static final String ALL = X509 + BUNDLE + TOKEN;
    private static final String EXTRA = AGENT + """
            jwt_svids = [{
              jwt_audience = "a"
              jwt_extra_audiences = ["b", "c"]
              jwt_svid_file_name = "token"
            }]
            """;

    private FileCases() {}

    static List<HelperCase> all() {
        return List.of(
                HelperCase.of("x509, once", X509 + ONCE, ENDS),
                HelperCase.of("x509, daemon", X509, stoppedAfter(WRITTEN)),
                HelperCase.of("jwt bundle, once", AGENT + BUNDLE + ONCE, ENDS),
                HelperCase.of("token, once", AGENT + TOKEN + ONCE, ENDS),
                HelperCase.of("everything, once", ALL + ONCE, ENDS),
                HelperCase.of(
                        "everything, daemon", ALL, stoppedAfter(WRITTEN, "JWT bundle updated", "JWT SVID updated")),
                HelperCase.of("modes in octal", ALL + ONCE + modes("0640", "0440", "0644", "0604"), ENDS),
                HelperCase.of(
                        "modes in quotes", ALL + ONCE + modes("\"0640\"", "\"0o400\"", "\"0644\"", "\"420\""), ENDS),
                HelperCase.of("modes in decimal", ALL + ONCE + modes("444", "384", "420", "416"), ENDS),
                HelperCase.of("modes of zero", ALL + ONCE + modes("0", "0", "0", "0"), ENDS),
                HelperCase.of("intermediates in the bundle", X509 + ONCE + "add_intermediates_to_bundle = true", ENDS),
                HelperCase.of("federated, own authorities only", X509 + BUNDLE + ONCE, ENDS)
                        .as(Users.FEDERATED),
                HelperCase.of("federated, all authorities", X509 + ONCE + "include_federated_domains = true", ENDS)
                        .as(Users.FEDERATED),
                HelperCase.of(
                                "federated, without those that have ended",
                                X509 + ONCE + "include_federated_domains = true\nomit_expired = true",
                                ENDS)
                        .as(Users.FEDERATED),
                HelperCase.of(
                                "federated, and intermediates in the bundle",
                                X509 + ONCE + "include_federated_domains = true\nadd_intermediates_to_bundle = true",
                                ENDS)
                        .as(Users.FEDERATED),
                HelperCase.of("hint", ALL + ONCE + "hint = \"green\"", ENDS).as(Users.HINTED),
                HelperCase.of("no hint and several identities", ALL + ONCE, ENDS)
                        .as(Users.HINTED),
                HelperCase.of("hint that nothing has, once", X509 + ONCE + "hint = \"red\"", ENDS)
                        .as(Users.HINTED),
                HelperCase.of("hint that nothing has, tokens once", AGENT + TOKEN + ONCE + "hint = \"red\"", ENDS)
                        .as(Users.HINTED),
                HelperCase.of(
                                "hint that nothing has, daemon",
                                X509 + "hint = \"red\"",
                                stoppedAfter("Unable to dump bundle"))
                        .as(Users.HINTED),
                HelperCase.of(
                                "hint that nothing has, tokens daemon",
                                AGENT + TOKEN + "hint = \"red\"",
                                stoppedAfter("Unable to update JWT SVID"))
                        .as(Users.HINTED),
                HelperCase.of("extra audiences, once", EXTRA + ONCE, ENDS),
                HelperCase.of("extra audiences, daemon", EXTRA, stoppedAfter("JWT SVID updated")),
                HelperCase.of("two tokens", AGENT + ONCE + """
                        jwt_svids = [
                          { jwt_audience = "a", jwt_svid_file_name = "one" },
                          { jwt_audience = "b", jwt_svid_file_name = "two" }
                        ]
                        """, ENDS),
                HelperCase.of("names that are absolute or lead elsewhere", AGENT + ONCE + """
                        svid_file_name = "/svid.pem"
                        svid_key_file_name = "x/../svid.key"
                        svid_bundle_file_name = "../bundle.pem"
                        """, ENDS),
                HelperCase.of("no folder named", "agent_address = \"@AGENT@\"\n" + NAMES + ONCE, ENDS),
                HelperCase.of("folder that is not there, once", X509 + ONCE + "cert_dir = \"@DIR@/none\"", ENDS),
                HelperCase.of(
                        "folder that is not there, daemon",
                        X509 + "cert_dir = \"@DIR@/none\"",
                        stoppedAfter("Unable to dump bundle")),
                HelperCase.of(
                        "folder that is not there, jwt bundle",
                        AGENT + BUNDLE + "cert_dir = \"@DIR@/none\"",
                        stoppedAfter("Error writing JWT Bundle to disk")),
                HelperCase.of("key file that everybody may read before", X509 + ONCE, ENDS)
                        .having("out/svid.key", "rw-rw-rw-"),
                HelperCase.of("certificate file that is read-only before", X509 + ONCE, ENDS)
                        .having("out/svid.pem", "r--r--r--"),
                HelperCase.of(
                        "one name for two files",
                        X509 + ONCE + "svid_key_file_name = \"svid.pem\"",
                        endsOrIsStoppedAfter(WRITTEN)));
    }

    private static String modes(String certificate, String key, String bundle, String token) {
        return """
                cert_file_mode = %s
                key_file_mode = %s
                jwt_bundle_file_mode = %s
                jwt_svid_file_mode = %s
                """.formatted(certificate, key, bundle, token);
    }
}
