// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.helper;

import io.countersign.it.differential.Answer;
import io.countersign.it.differential.Family;
import io.countersign.it.differential.agent.OpenFolder;
import io.countersign.it.differential.agent.OriginalServer;
import io.countersign.it.differential.agent.TwoAgents;
import io.countersign.it.process.Side;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The same helper.conf for both, both against the original agent. Run by root: each helper has a user. */
@Tag("foreign")
final class HelperTest {
    private static final AtomicInteger number = new AtomicInteger();
    private static TwoAgents agents;
    private static Family family;

    @BeforeAll
    static void start() throws Exception {
        family = Family.named("helper");
        agents = TwoAgents.start(true, Side.ORIGINAL);
        Users.register(agents.server(), agents.partner());
        HealthCases.takePort();
    }

    @AfterAll
    static void end() throws Exception {
        HealthCases.releasePort();
        agents.close();
        family.conclude(cases().size(), "Helper", "spiffe-helper 0.11.0");
    }

    static List<HelperCase> cases() {
        var all = new ArrayList<HelperCase>();
        all.addAll(FileCases.all());
        all.addAll(SyntaxCases.all());
        all.addAll(BrokenCases.all());
        all.addAll(RunCases.all());
        all.addAll(NoticeCases.all());
        all.addAll(HealthCases.all());
        all.addAll(OurCases.all());
        return all;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void both(HelperCase what) throws Exception {
        try (var sides = Executors.newVirtualThreadPerTaskExecutor()) {
            var ours = sides.submit(() -> answer(Side.OURS, what));
            var original = sides.submit(() -> answer(Side.ORIGINAL, what));
            family.compare(what.name(), ours.get(), original.get());
        }
    }

    private static Answer answer(Side side, HelperCase what) throws Exception {
        var folder = OpenFolder.below(agents.folder(), "helper" + number.incrementAndGet());
        OpenFolder.below(folder, "in");
        OpenFolder.below(folder, "out");
        try (var helper =
                HelperProcess.start(side, what, folder, agents.socket(Side.ORIGINAL), OriginalServer.freePort())) {
            what.course().run(helper);
            return helper.answer();
        }
    }
}
