// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.sidecar;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.countersign.it.differential.Answer;
import io.countersign.it.differential.Family;
import io.countersign.it.process.Side;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.health.v1.HealthGrpc.HealthBlockingStub;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** gRPC between a client and a server that are no sidecars, through ours and through Envoy, HTTP/2 on both sides of each. */
@Tag("foreign")
class GrpcTest {
    private static final int CALLS = 100;
    private static final int SECONDS = 20;

    @TempDir
    Path folder;

    /** A question that a client asks a program through a sidecar. */
    private record Asked(String name, String host, Call call) implements Case {
        @Override
        public Answer ask(Running sidecar) throws Exception {
            var channel = Grpc.newChannelBuilderForAddress(
                            "127.0.0.1", sidecar.port("grpc"), InsecureChannelCredentials.create())
                    .overrideAuthority(host)
                    .build();
            try {
                return call.by(HealthGrpc.newBlockingStub(channel).withDeadlineAfter(SECONDS, TimeUnit.SECONDS));
            } catch (StatusRuntimeException e) {
                return refused(Answer.empty(), e);
            } finally {
                channel.shutdownNow();
            }
        }
    }

    @FunctionalInterface
    private interface Call {
        Answer by(HealthBlockingStub stub);
    }

    private static List<Asked> asked() {
        return List.of(
                unary("a call", "app.test", ""),
                unary("a status behind a message", "app.test", "fail"),
                unary("a status without a message", "app.test", "refuse"),
                unary("a call of a large message", "app.test", "a".repeat(1_000_000)),
                unary("a call to a name", "named.test", ""),
                streaming("a stream", "app.test", ""),
                streaming("a stream that fails behind its last message", "app.test", "fail"),
                streaming("a stream that fails before its first message", "app.test", "refuse"),
                streaming("a stream from a name", "named.test", ""));
    }

    private static Asked unary(String name, String host, String what) {
        return new Asked(
                name,
                host,
                stub -> Answer.empty()
                        .with("message", stub.check(about(what)).getStatus())
                        .with("status", Status.Code.OK));
    }

    private static Asked streaming(String name, String host, String what) {
        return new Asked(name, host, stub -> {
            int count = 0;
            try {
                for (var messages = stub.watch(about(what)); messages.hasNext(); messages.next()) {
                    count++;
                }
                return Answer.empty().with("messages", count).with("status", Status.Code.OK);
            } catch (StatusRuntimeException e) {
                return refused(Answer.empty().with("messages", count), e);
            }
        });
    }

    private static HealthCheckRequest about(String what) {
        return HealthCheckRequest.newBuilder().setService(what).build();
    }

    private static Answer refused(Answer answer, StatusRuntimeException e) {
        var trailers = e.getTrailers();
        var all = answer.with("status", e.getStatus().getCode())
                .with("words", String.valueOf(e.getStatus().getDescription()));
        return trailers == null
                ? all
                : all.with("told", String.valueOf(trailers.get(GrpcProgram.TOLD)))
                        .with("bytes", Arrays.toString(trailers.get(GrpcProgram.BYTES)));
    }

    @Test
    void callsMeanTheSameThroughBoth() throws Exception {
        var family = Family.named("grpc");
        try (var program = GrpcProgram.open();
                var pair = Pair.start(folder, SidecarDifferentialTest.resource("grpc.yaml"), ports(program, program))) {
            for (var one : asked()) {
                var answered = pair.ask(one);
                family.compare(one.name(), answered.ours(), answered.original());
            }
        }
        family.conclude(asked().size(), "gRPC through the sidecar", "Envoy 1.40.0");
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
                new Asked("many calls", "turns.test", stub -> {
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

    private static Map<String, String> ports(GrpcProgram first, GrpcProgram second) {
        return Map.of("first", String.valueOf(first.port()), "second", String.valueOf(second.port()));
    }
}
