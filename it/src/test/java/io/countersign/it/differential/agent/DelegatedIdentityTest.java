// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.agent;

import io.countersign.it.differential.Family;
import io.countersign.it.process.Side;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The Delegated Identity API of both agents. Run by root, of whose user the admin sockets are. */
@Tag("foreign")
final class DelegatedIdentityTest {
    private static TwoAgents agents;
    private static Family family;

    @BeforeAll
    static void start() throws Exception {
        family = Family.named("delegated-identity");
        agents = TwoAgents.start(false, Side.values());
    }

    @AfterAll
    static void end() throws Exception {
        agents.close();
        family.conclude(cases().size(), "Delegated Identity API", "spire-agent 1.15.3");
    }

    static List<DelegatedCases.Case> cases() {
        return DelegatedCases.all();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void both(DelegatedCases.Case what) throws Exception {
        try (var calls = new DelegatedCalls(agents)) {
            calls.await("no identity issued");
            what.script().run(calls);
            var answers = calls.answers();
            family.compare(
                    what.name(),
                    Objects.requireNonNull(answers.get(Side.OURS)),
                    Objects.requireNonNull(answers.get(Side.ORIGINAL)));
        }
    }
}
