// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.sidecar;

import io.countersign.it.differential.Family;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
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
                            LoadCases.all(ground),
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
        family.compare(asked.name(), answered.ours(), answered.original());
    }

    @AfterAll
    void conclude() throws Exception {
        closing.close();
        family.conclude(cases.size(), "Sidecar", "Envoy 1.40.0");
    }
}
