// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.sidecar;

import static io.countersign.it.differential.sidecar.GrpcCase.about;
import static io.countersign.it.differential.sidecar.GrpcCase.counting;
import static io.countersign.it.differential.sidecar.GrpcCase.streaming;
import static io.countersign.it.differential.sidecar.GrpcCase.stub;
import static io.countersign.it.differential.sidecar.GrpcCase.talking;
import static io.countersign.it.differential.sidecar.GrpcCase.unary;
import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.countersign.it.differential.Answer;
import io.countersign.it.differential.Family;
import io.countersign.it.process.Side;
import io.grpc.ChannelCredentials;
import io.grpc.TlsChannelCredentials;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** gRPC between a client and a server that are no sidecars, through ours and through Envoy, HTTP/2 on both sides of each. */
@Tag("foreign")
class GrpcTest {
    private static final int CALLS = 100;

    @TempDir
    Path folder;

    private static List<GrpcCase> asked() {
        return List.of(
                unary("a call", "app.test", ""),
                unary("a status behind a message", "app.test", "fail"),
                unary("a status without a message", "app.test", "refuse"),
                unary("a call of a large message", "app.test", "a".repeat(1_000_000)),
                unary("a call to a name", "named.test", ""),
                streaming("a stream", "app.test", ""),
                streaming("a stream that fails behind its last message", "app.test", "fail"),
                streaming("a stream that fails before its first message", "app.test", "refuse"),
                streaming("a stream from a name", "named.test", ""),
                counting("a stream of the client", Collections.nCopies(GrpcProgram.MANY, "word")),
                counting("a stream of the client without a message", List.of()),
                counting("a stream of the client that fails", List.of("a", GrpcWords.FAIL)),
                talking("streams both ways", List.of("a", "bc", "d".repeat(100_000))),
                talking("streams both ways that fail", List.of("a", GrpcWords.FAIL)));
    }

    @Test
    void callsMeanTheSameThroughBoth() throws Exception {
        var family = Family.named("grpc");
        var plain = asked();
        try (var program = GrpcProgram.open();
                var pair = Pair.start(folder, SidecarDifferentialTest.resource("grpc.yaml"), ports(program, program))) {
            compare(family, pair, plain);
        }
        var secure = new ArrayList<Case>();
        try (var ground = Ground.build();
                var program = GrpcProgram.secure(ground.mint(Ground.BACKEND));
                var pair = Pair.start(
                        ground.folder, SidecarDifferentialTest.resource("grpc-tls.yaml"), values(ground, program))) {
            var frontend = credentials(ground.mint(Ground.FRONTEND));
            plain.forEach(one -> secure.add(one.by("over mTLS", frontend)));
            secure.add(refused(credentials(ground.mint("spiffe://example.org/other"))));
            secure.add(Case.of("handshakes of calls over mTLS", GrpcTest::handshakes));
            compare(family, pair, secure);
        }
        family.conclude(plain.size() + secure.size(), "gRPC through the sidecar", "Envoy 1.40.0");
    }

    private static void compare(Family family, Pair pair, List<? extends Case> cases) throws Exception {
        for (var one : cases) {
            var answered = pair.ask(one);
            family.compare(one.name(), answered.ours(), answered.original());
        }
    }

    private static ChannelCredentials credentials(Credential own) throws IOException {
        return TlsChannelCredentials.newBuilder()
                .keyManager(GrpcProgram.chain(own), GrpcProgram.key(own))
                .trustManager(Credential.ANYBODY)
                .build();
    }

    /** How an alert is worded is up to the client's library. */
    private static Case refused(ChannelCredentials credentials) {
        var call = unary("a call", "app.test", "").by("over mTLS of another identity", credentials);
        return Case.of(
                call.name(),
                sidecar -> Answer.empty()
                        .with(
                                "status",
                                String.valueOf(call.ask(sidecar).fields().get("status"))));
    }

    /** How many there are is up to the pools. */
    private static Answer handshakes(Running sidecar) throws IOException {
        return Answer.empty()
                .with(
                        "counted",
                        Routed.counted(sidecar, "cluster\\.(one|turns|named)\\.ssl\\.handshake")
                                .replaceAll(": [0-9]+", ""));
    }

    /** What the client of a server without a sidecar is told, so that both are not wrong in the same way. */
    @Test
    void statusTrailersAndMessagesArriveThroughOurs() throws Exception {
        try (var program = GrpcProgram.open();
                var sidecar = Running.start(
                        Side.OURS, folder, SidecarDifferentialTest.resource("grpc.yaml"), ports(program, program))) {
            var failed = streaming("a stream that fails", "app.test", "fail").ask(sidecar);
            assertEquals(
                    Map.of(
                            "messages", String.valueOf(GrpcProgram.MANY),
                            "status", "DATA_LOSS",
                            "words", "behind the last message",
                            "told", "in the trailers",
                            "bytes", "[0, 1, -1]"),
                    failed.fields());
        }
    }

    @Test
    void callsOfOneConnectionGoToTwoServersByTurns() throws Exception {
        for (var side : Side.values()) {
            try (var first = GrpcProgram.open();
                    var second = GrpcProgram.open();
                    var sidecar = Running.start(
                            side, folder, SidecarDifferentialTest.resource("grpc.yaml"), ports(first, second))) {
                GrpcCase.plain("many calls", "turns.test", channel -> {
                            var stub = stub(channel);
                            for (int i = 0; i < CALLS; i++) {
                                stub.check(about(""));
                            }
                            return Answer.empty();
                        })
                        .ask(sidecar);
                assertAll(
                        () -> assertEquals(CALLS / 2, first.take(), side::name),
                        () -> assertEquals(CALLS / 2, second.take(), side::name));
            }
        }
    }

    private static Map<String, String> values(Ground ground, GrpcProgram program) {
        var values = new HashMap<>(ports(program, program));
        values.put("agent", ground.agentSocket().toString());
        values.put("bundle", ground.folder.resolve("bundle.pem").toString());
        values.put("backend", Ground.BACKEND);
        values.put("frontend", Ground.FRONTEND);
        return values;
    }

    private static Map<String, String> ports(GrpcProgram first, GrpcProgram second) {
        return Map.of("first", String.valueOf(first.port()), "second", String.valueOf(second.port()));
    }
}
