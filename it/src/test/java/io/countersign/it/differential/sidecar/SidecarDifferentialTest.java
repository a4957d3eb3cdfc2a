// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.sidecar;

import io.countersign.it.differential.Family;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Our sidecar against Envoy. Run by root, whose user ID the entries name. */
@Tag("foreign")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SidecarDifferentialTest {
    private final Closing closing = new Closing();
    private final Family family;
    private final Pair pair;
    private final List<Case> cases;

    SidecarDifferentialTest() throws Exception {
        family = Family.named("sidecar");
        try {
            var ground = closing.add(Ground.build());
            var upstreams = closing.add(Upstreams.open(ground));
            pair = closing.add(Pair.start(ground.folder, resource("main.yaml"), upstreams.values(ground)));
            var filters = closing.add(Filters.start(ground, upstreams.values(ground)));
            var limited = closing.add(Pair.start(ground.folder, resource("limits.yaml"), upstreams.values(ground)));
            var identities = closing.add(IdentityCases.start(ground, upstreams.values(ground)));
            var ruled = closing.add(Ruled.start(ground, upstreams.values(ground)));
            var routed = closing.add(Routed.start(ground, upstreams));
            var operated = closing.add(Operated.start(ground, upstreams.values(ground)));
            cases = Stream.of(
                            InboundCases.all(ground),
                            HttpCases.all(),
                            RetryCases.all(),
                            UpgradeCases.all(),
                            OutboundCases.all(ground),
                            Http2Cases.all(ground),
                            AdminCases.all(),
                            HttpCases.last(),
                            AuthorizationCases.all(ground, filters),
                            ChainCases.all(ground, filters),
                            TokenCases.all(filters),
                            DocumentCases.all(ground, filters),
                            IdentityCases.all(ground, identities),
                            RuleCases.all(ground, ruled),
                            SvidTokenCases.all(ruled),
                            LimitCases.all(ground, limited, upstreams),
                            MatchCases.all(routed),
                            ClusterCases.all(routed),
                            TimeoutCases.all(routed),
                            ProtocolCases.all(ground, routed),
                            LoadCases.all(ground),
                            RefusedFileCases.all(ground),
                            LogCases.all(operated),
                            OperatorCases.all(operated),
                            StopCases.all(ground, operated),
                            RotationCases.all(ground, upstreams.values(ground)),
                            List.of(
                                    AdminCases.samples(
                                            "everything that ours has for Prometheus, of filters",
                                            main -> filters.of(main.side()).sidecar()),
                                    AdminCases.samples(
                                            "everything that ours has for Prometheus, of limits",
                                            main -> limited.of(main.side()))),
                            SecretCases.all(ground, upstreams.values(ground)))
                    .flatMap(List::stream)
                    .toList();
        } catch (Exception | AssertionError e) {
            closing.close();
            throw e;
        }
    }

    static String resource(String name) throws IOException {
        try (var in = SidecarDifferentialTest.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IOException(name + " is not beside " + SidecarDifferentialTest.class);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    List<Case> cases() {
        return cases;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void bothAnswerTheSame(Case asked) throws Exception {
        var answered = pair.ask(asked);
        for (int i = 0; i < 3 && isLate(answered); i++) {
            answered = pair.ask(asked);
        }
        family.compare(asked.name(), answered.ours(), answered.original());
    }

    /** Whether all that differs is that one side has not closed yet: both may take a second, and little more is waited. */
    private static boolean isLate(Pair.Answered answered) {
        var ours = new TreeMap<>(answered.ours().fields());
        var original = new TreeMap<>(answered.original().fields());
        var ends = List.of(ours.getOrDefault("connection", ""), original.getOrDefault("connection", ""));
        ours.remove("connection");
        original.remove("connection");
        return ends.contains("open") && ends.contains("closed") && ours.equals(original);
    }

    @AfterAll
    void conclude() throws Exception {
        closing.close();
        family.conclude(cases.size(), "Sidecar", "Envoy 1.40.0");
    }
}
