// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Empty;
import io.countersign.it.process.Side;
import io.countersign.rpc.RpcChannels;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ClientCalls;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What SPIRE's server has and ours does not serve yet is refused by its name. */
@Tag("foreign")
class LaterMethodsTest {
    private static final Map<String, List<String>> LATER =
            Map.of("spire.api.server.svid.v1.SVID", List.of("MintWITSVID"), "grpc.health.v1.Health", List.of("List"));

    @TempDir
    static Path folder;

    private static RunningServer server;
    private static ManagedChannel local;

    @BeforeAll
    static void start() throws Exception {
        server = RunningServer.start(Side.OURS, folder);
        local = RpcChannels.unix(server.socket());
    }

    @AfterAll
    static void stop() throws Exception {
        local.shutdownNow();
        server.close();
    }

    static Stream<String> later() {
        return LATER.entrySet().stream()
                .flatMap(service -> service.getValue().stream().map(method -> service.getKey() + "/" + method));
    }

    @ParameterizedTest
    @MethodSource("later")
    void isRefusedByName(String name) {
        var empty = ProtoUtils.marshaller(Empty.getDefaultInstance());
        var method = MethodDescriptor.<Empty, Empty>newBuilder()
                .setType(MethodType.UNARY)
                .setFullMethodName(name)
                .setRequestMarshaller(empty)
                .setResponseMarshaller(empty)
                .build();
        var options = CallOptions.DEFAULT.withDeadlineAfter(20, TimeUnit.SECONDS);

        var refusal = assertThrows(
                StatusRuntimeException.class,
                () -> ClientCalls.blockingUnaryCall(local, method, options, Empty.getDefaultInstance()));

        assertEquals(Status.Code.UNIMPLEMENTED, refusal.getStatus().getCode(), refusal::getMessage);
        assertTrue(String.valueOf(refusal.getStatus().getDescription()).contains(name), refusal::getMessage);
    }
}
