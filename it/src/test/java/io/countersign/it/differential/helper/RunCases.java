// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.helper;

import static io.countersign.it.differential.helper.FileCases.AGENT;
import static io.countersign.it.differential.helper.FileCases.BUNDLE;
import static io.countersign.it.differential.helper.FileCases.ONCE;
import static io.countersign.it.differential.helper.FileCases.WRITTEN;
import static io.countersign.it.differential.helper.FileCases.X509;
import static io.countersign.it.differential.helper.HelperCase.ENDS;
import static io.countersign.it.differential.helper.HelperCase.endsOrIsStoppedAfter;
import static io.countersign.it.differential.helper.HelperCase.stoppedAfter;

import java.util.List;

/** The command line, signals, and an agent that is away or knows nobody. */
final class RunCases {
    private static final String CONFIG = "-config=@DIR@/in/helper.conf";
    private static final String AWAY = X509 + "agent_address = \"@DIR@/none.sock\"\n";
    private static final String WATCHING = "Error while watching x509 context";

    private RunCases() {}

    static List<HelperCase> all() {
        return List.of(
                HelperCase.of("flag: version", "", ENDS).with("-version"),
                HelperCase.of("flag: version with two dashes", "", ENDS).with("--version"),
                HelperCase.of("flag: help", "", ENDS).with("-h"),
                HelperCase.of("flag: help in full", "", ENDS).with("--help"),
                HelperCase.of("flag: unknown", "", ENDS).with("-no-such-flag"),
                HelperCase.of("flag: config without a value", "", ENDS).with("-config"),
                HelperCase.of("flag: config that is not there", "", ENDS).with("-config", "none.conf"),
                HelperCase.of("flag: none, and no helper.conf here", "", ENDS).with(),
                HelperCase.of("flag: no boolean", X509, ENDS).with(CONFIG, "-daemon-mode=perhaps"),
                HelperCase.of("flag: once although the file says daemon", X509 + "daemon_mode = true", ENDS)
                        .with(CONFIG, "-daemon-mode=false"),
                HelperCase.of("flag: nothing after two dashes", X509, ENDS).with(CONFIG, "-daemon-mode=false", "--"),
                HelperCase.of("flag: once, in short", X509, ENDS).with(CONFIG, "--daemon-mode=f"),
                HelperCase.of("flag: daemon although the file says once", X509 + ONCE, stoppedAfter(WRITTEN))
                        .with(CONFIG, "-daemon-mode"),
                HelperCase.of("flag: boolean after a space", X509, endsOrIsStoppedAfter(WRITTEN))
                        .with(CONFIG, "-daemon-mode", "false"),
                HelperCase.of("signal: interrupted", X509, helper -> {
                    helper.awaitSaid(WRITTEN);
                    helper.signal("INT");
                }),
                HelperCase.of("signal: hung up", X509, helper -> {
                    helper.awaitSaid(WRITTEN);
                    helper.signal("HUP");
                }),
                HelperCase.of("away: once", AWAY + ONCE, ENDS),
                HelperCase.of(
                        "away: jwt bundle once", AGENT + BUNDLE + ONCE + "agent_address = \"@DIR@/none.sock\"", ENDS),
                HelperCase.of("away: daemon", AWAY, stoppedAfter(WATCHING)),
                HelperCase.of(
                        "away: jwt bundle, daemon",
                        AGENT + BUNDLE + "agent_address = \"@DIR@/none.sock\"",
                        stoppedAfter("Error while watching JWT bundles")),
                HelperCase.of("nobody: daemon", X509, stoppedAfter(WATCHING)).as(Users.NOBODY),
                HelperCase.of("nobody: once, and stopped", X509 + ONCE, stoppedAfter("Daemon mode disabled"))
                        .as(Users.NOBODY),
                HelperCase.of("nobody: once, and then registered", X509 + ONCE, helper -> {
                            helper.awaitSaid("Daemon mode disabled");
                            Users.register(helper.uid());
                            helper.awaitEnd();
                        })
                        .as(Users.LATE));
    }
}
