// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.helper;

import static io.countersign.it.differential.helper.FileCases.AGENT;
import static io.countersign.it.differential.helper.FileCases.NAMES;
import static io.countersign.it.differential.helper.FileCases.ONCE;
import static io.countersign.it.differential.helper.FileCases.X509;
import static io.countersign.it.differential.helper.HelperCase.ENDS;

import java.util.List;
import java.util.Map;

/** Files that are read although they look unusual, and where the agent's address comes from. */
final class SyntaxCases {
    private static final String IN = "cert_dir = \"@DIR@/out\"\n" + NAMES + ONCE;

    private SyntaxCases() {}

    static List<HelperCase> all() {
        return List.of(
                HelperCase.of("JSON", """
                        {
                          "agent_address": "@AGENT@",
                          "cert_dir": "@DIR@/out",
                          "svid_file_name": "svid.pem",
                          "svid_key_file_name": "svid.key",
                          "svid_bundle_file_name": "bundle.pem",
                          "daemon_mode": false,
                          "key_file_mode": 416
                        }
                        """, ENDS),
                HelperCase.of(
                        "keys in other letters, the last counts",
                        X509
                                + "DAEMON_Mode = true\ndaemon_mode = true\nDaemon_Mode = false\nSVID_file_name = \"last.pem\"",
                        ENDS),
                HelperCase.of("number for a string", X509 + ONCE + "svid_file_name = 5", ENDS),
                HelperCase.of("dollar and braces", X509 + ONCE + "svid_file_name = \"${svid}.pem\"", ENDS),
                HelperCase.of("comments and a here-document", X509 + """
                        # one
                        // two
                        /* three
                           lines */
                        hint = <<EOF
                        EOF
                        daemon_mode = false // so
                        """, ENDS),
                HelperCase.of("jwt_svids as blocks", AGENT + ONCE + """
                        jwt_svids {
                          jwt_audience = "a"
                          jwt_svid_file_name = "one"
                        }
                        jwt_svids {
                          jwt_audience = "b"
                          jwt_svid_file_name = "two"
                        }
                        """, ENDS),
                HelperCase.of("file of version 0.8", """
                        agentAddress = "@AGENT@"
                        certDir = "@DIR@/out"
                        svidFileName = "svid.pem"
                        svidKeyFileName = "svid.key"
                        svidBundleFileName = "bundle.pem"
                        addIntermediatesToBundle = false
                        """ + ONCE, ENDS),
                HelperCase.of(
                        "file of version 0.8: old and new name of a key",
                        X509 + ONCE + "certDir = \"@DIR@/out\"",
                        ENDS),
                HelperCase.of("key without a value at the end", X509 + ONCE + "hint =", ENDS),
                HelperCase.of("address in the environment", IN, ENDS).in(Map.of("SPIFFE_ENDPOINT_SOCKET", "@AGENT@")),
                HelperCase.of("address in the environment as the standard has it", IN, ENDS)
                        .in(Map.of("SPIFFE_ENDPOINT_SOCKET", "unix://@AGENT@")),
                HelperCase.of("address in the old variable", IN, ENDS).in(Map.of("SPIRE_AGENT_ADDRESS", "@AGENT@")),
                HelperCase.of("address in both variables", IN, ENDS)
                        .in(Map.of("SPIRE_AGENT_ADDRESS", "@AGENT@", "SPIFFE_ENDPOINT_SOCKET", "@AGENT@")),
                HelperCase.of("address as a URI", X509 + ONCE + "agent_address = \"unix://@AGENT@\"", ENDS),
                HelperCase.of("address of the file before the environment's", X509 + ONCE, ENDS)
                        .in(Map.of("SPIFFE_ENDPOINT_SOCKET", "/nowhere")));
    }
}
