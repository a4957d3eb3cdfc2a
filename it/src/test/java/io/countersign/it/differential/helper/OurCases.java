// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.helper;

import static io.countersign.it.differential.helper.FileCases.AGENT;
import static io.countersign.it.differential.helper.FileCases.ONCE;
import static io.countersign.it.differential.helper.FileCases.WRITTEN;
import static io.countersign.it.differential.helper.FileCases.X509;
import static io.countersign.it.differential.helper.HelperCase.ENDS;
import static io.countersign.it.differential.helper.HelperCase.endsOrIsStoppedAfter;

import java.util.List;

/** What the original has not: it refuses the block, so that nobody believes what stands there to be in force. */
final class OurCases {
    private OurCases() {}

    static List<HelperCase> all() {
        return List.of(
                HelperCase.of("ours: empty block", X509 + ONCE + "countersign {}", ENDS),
                HelperCase.of("ours: together, once", X509 + ONCE + "countersign { together = true }", ENDS),
                HelperCase.of(
                        "ours: together, daemon",
                        X509 + "countersign { together = true }",
                        endsOrIsStoppedAfter(WRITTEN)),
                HelperCase.of(
                        "ours: key and chain in one file",
                        AGENT + ONCE + "countersign { combined_file_name = \"all.pem\" }",
                        ENDS),
                HelperCase.of(
                                "ours: bundles in files of their own",
                                X509 + ONCE + "countersign {\ntogether = true\nbundle_folder = \"trust\"\n}",
                                ENDS)
                        .as(Users.FEDERATED),
                HelperCase.of("ours: one of several identities, by its hint", AGENT + ONCE + """
                                        countersign {
                                          identities = [{ hint = "green", folder = ".", combined_file_name = "all.pem" }]
                                        }
                                        """, ENDS)
                        .as(Users.HINTED),
                HelperCase.of(
                        "ours: command that is checked",
                        X509 + "countersign { notify { command = [\"sh\", \"-c\", \"echo told >> @DIR@/said\"] } }",
                        endsOrIsStoppedAfter(WRITTEN)),
                HelperCase.of("ours: command check", X509, ENDS).with("check", "-config", "@DIR@/in/helper.conf"));
    }
}
