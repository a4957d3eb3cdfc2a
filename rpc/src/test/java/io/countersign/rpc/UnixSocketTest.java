// SPDX-License-Identifier: Apache-2.0
package io.countersign.rpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.protobuf.services.HealthStatusManager;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnixSocketTest {
    @TempDir
    Path folder;

    private final AtomicReference<Peer> seen = new AtomicReference<>();

    private RpcServer serve(Path socket) throws IOException {
        var health = new HealthStatusManager().getHealthService().bindService();
        return RpcServer.onUnixSocket(socket, 0777, List.of(health), List.of(new ServerInterceptor() {
            @Override
            public <Q, A> ServerCall.Listener<Q> interceptCall(
                    ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
                seen.set(Peer.current());
                return next.startCall(call, headers);
            }
        }));
    }

    private static ServingStatus ask(Path socket) {
        var channel = RpcChannels.unix(socket);
        try {
            return HealthGrpc.newBlockingStub(channel)
                    .check(HealthCheckRequest.getDefaultInstance())
                    .getStatus();
        } finally {
            channel.shutdownNow();
        }
    }

    @Test
    void callerIsTheProcessThatTheKernelNames() throws Exception {
        var socket = folder.resolve("deep/er/api.sock");
        try (var server = serve(socket)) {
            assertEquals(-1, server.port());
            assertEquals(ServingStatus.SERVING, ask(socket));
            var process = assertInstanceOf(Peer.LocalProcess.class, seen.get());
            assertEquals(ProcessHandle.current().pid(), process.pid());
            assertEquals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"), process.uid());
            assertTrue(process.isStillThere());
            assertFalse(new Peer.LocalProcess(process.pid(), process.uid(), process.gid(), process.startTime() + 1)
                    .isStillThere());
        }
        assertFalse(Files.exists(socket));
    }

    @Test
    void abandonedSocketIsReplacedAndServedOneIsNot() throws Exception {
        var socket = folder.resolve("api.sock");
        try (var first = serve(socket)) {
            var inUse = assertThrows(IOException.class, () -> serve(socket));
            assertTrue(String.valueOf(inUse.getMessage()).contains("is in use"));
            assertEquals(-1, first.port());
        }
        Files.createFile(socket);
        try (var second = serve(socket)) {
            assertEquals(ServingStatus.SERVING, ask(socket));
            assertEquals(-1, second.port());
        }
    }

    @Test
    void tooLongAPathIsRefusedWithItsLength() {
        var socket = folder.resolve("x".repeat(120));
        var refused = assertThrows(IOException.class, () -> serve(socket));
        assertTrue(String.valueOf(refused.getMessage()).contains("expected at most 107"));
    }

    @Test
    void whatCannotBeConnectedToIsNamed() throws Exception {
        var missing = folder.resolve("none.sock");
        assertTrue(refusal(missing).endsWith("dial unix " + missing + ": connect: no such file or directory\""));
        var nobody = Files.createFile(folder.resolve("nobody.sock"));
        assertTrue(refusal(nobody).endsWith("dial unix " + nobody + ": connect: connection refused\""));
    }

    private static String refusal(Path socket) {
        var failure = assertThrows(StatusRuntimeException.class, () -> ask(socket));
        assertEquals(Status.Code.UNAVAILABLE, failure.getStatus().getCode());
        return String.valueOf(failure.getStatus().getDescription());
    }
}
