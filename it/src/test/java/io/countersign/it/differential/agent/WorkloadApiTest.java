// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.agent;

import io.countersign.it.differential.Family;
import io.countersign.it.process.Side;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The Workload API of both agents: one call, and sequences of states. Run by root: each case has a user of its own. */
@Tag("foreign")
final class WorkloadApiTest {
    private static final AtomicInteger uid = new AtomicInteger(72000);
    private static TwoAgents agents;
    private static Family family;

    @BeforeAll
    static void start() throws Exception {
        family = Family.named("workload-api");
        agents = TwoAgents.start(false, Side.values());
    }

    @AfterAll
    static void end() throws Exception {
        agents.close();
        family.conclude(cases().size(), "Workload API", "spire-agent 1.15.3");
    }

    static List<CallCase> cases() {
        var all = new ArrayList<CallCase>();
        all.addAll(HeaderCases.all());
        all.addAll(TokenCases.all());
        all.addAll(ValidationCases.all());
        all.addAll(BundleCases.all());
        all.addAll(SvidCases.all());
        return all;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void both(CallCase what) throws Exception {
        try (var callers = Callers.start(agents, uid.incrementAndGet())) {
            what.script().run(callers);
            var answers = callers.answers();
            family.compare(
                    what.name(),
                    Objects.requireNonNull(answers.get(Side.OURS)),
                    Objects.requireNonNull(answers.get(Side.ORIGINAL)));
        }
    }
}
