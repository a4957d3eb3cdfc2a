// SPDX-License-Identifier: Apache-2.0
package io.countersign.rpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.grpc.ManagedChannel;
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
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.IntegerUnixChannelOption;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
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
        var connection = RpcChannels.unix(socket);
        try {
            return ask(connection);
        } finally {
            connection.shutdownNow();
        }
    }

    private static ServingStatus ask(ManagedChannel connection) {
        return HealthGrpc.newBlockingStub(connection)
                .check(HealthCheckRequest.getDefaultInstance())
                .getStatus();
    }

    @Test
    void callerIsTheProcessThatTheKernelNames() throws Exception {
        var socket = folder.resolve("deep/er/api.sock");
        try (var server = serve(socket)) {
            assertEquals(-1, server.port());
            // the hold on the process is let go with the connection, so that stays
            var connection = RpcChannels.unix(socket);
            try {
                assertEquals(ServingStatus.SERVING, ask(connection));
                var process = assertInstanceOf(Peer.LocalProcess.class, seen.get());
                assertEquals(ProcessHandle.current().pid(), process.pid());
                assertEquals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"), process.uid());
                assertTrue(process.isStillThere());
                assertFalse(new Peer.LocalProcess(process.pid(), process.uid(), process.gid(), process.startTime() + 1)
                        .isStillThere());
            } finally {
                connection.shutdownNow();
            }
        }
        assertFalse(Files.exists(socket));
    }

    @Test
    void kernelHoldsTheProcessAtTheOtherEndAndSaysSoIfItCannot() throws Exception {
        var socket = folder.resolve("api.sock");
        try (var server = serve(socket)) {
            assertEquals(-1, server.port());
            var connection = (EpollDomainSocketChannel) new Bootstrap()
                    .group(EventLoops.shared())
                    .channel(EpollDomainSocketChannel.class)
                    .handler(new ChannelInboundHandlerAdapter())
                    .connect(new DomainSocketAddress(socket.toFile()))
                    .sync()
                    .channel();
            var hold = PidFd.of(connection);
            if (hold.isPresent()) {
                int own = Math.toIntExact(ProcessHandle.current().pid());
                assertTrue(hold.get().isNumbered(own));
                assertFalse(hold.get().isNumbered(1));
                hold.get().close();
                assertFalse(hold.get().isNumbered(own), "it is let go");
            }
            var none = new IntegerUnixChannelOption("NONE", 1, 9999);
            assertTrue(PidFd.isUnknownOption(assertThrows(
                    ChannelException.class, () -> connection.config().getOption(none))));
            connection.close().sync();
        }
    }

    @Test
    void processHasSoManyConnectionsAndNoMore() throws Exception {
        var socket = folder.resolve("api.sock");
        var health = new HealthStatusManager().getHealthService().bindService();
        try (var server =
                RpcServer.onUnixSocket(socket, 0777, new SocketLimits(1, 10, 1 << 20), List.of(health), List.of())) {
            assertEquals(-1, server.port());
            var first = RpcChannels.unix(socket);
            try {
                assertEquals(ServingStatus.SERVING, ask(first));
                assertEquals(
                        Status.Code.UNAVAILABLE,
                        assertThrows(StatusRuntimeException.class, () -> ask(socket))
                                .getStatus()
                                .getCode());
            } finally {
                first.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
            }
        }
    }

    @Test
    void abandonedSocketIsReplacedAndServedOneIsNot() throws Exception {
        var socket = folder.resolve("api.sock");
        try (var first = serve(socket)) {
            var inUse = assertThrows(IOException.class, () -> serve(socket));
            assertTrue(String.valueOf(inUse.getMessage()).contains("is in use"));
            assertEquals(-1, first.port());
        }
        abandon(socket);
        try (var second = serve(socket)) {
            assertEquals(ServingStatus.SERVING, ask(socket));
            assertEquals(-1, second.port());
        }
    }

    /** As a process that is killed leaves it. */
    private static void abandon(Path socket) throws IOException {
        try (var channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.bind(UnixDomainSocketAddress.of(socket));
        }
        assertTrue(Files.exists(socket));
    }

    @Test
    void whatIsNoSocketStays() throws Exception {
        var file = Files.writeString(folder.resolve("file"), "precious");
        var link = Files.createSymbolicLink(folder.resolve("link"), file);
        for (var path : List.of(file, link)) {
            var refused = assertThrows(IOException.class, () -> serve(path));
            assertTrue(String.valueOf(refused.getMessage()).startsWith(path + " is no socket"), refused::getMessage);
        }
        assertEquals("precious", Files.readString(link));
    }

    @Test
    void folderOfAStrangerIsRefused() throws Exception {
        assumeTrue(Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0), "only root gives folders away");
        var theirs = Files.createDirectory(folder.resolve("theirs"));
        Files.setAttribute(theirs, "unix:uid", 4242);
        var link = Files.createSymbolicLink(folder.resolve("link"), theirs);
        for (var socket :
                List.of(theirs.resolve("api.sock"), theirs.resolve("public/api.sock"), link.resolve("api.sock"))) {
            var refused = assertThrows(IOException.class, () -> serve(socket));
            assertTrue(String.valueOf(refused.getMessage()).contains("belongs to user 4242"), refused::getMessage);
        }
        assertFalse(Files.exists(theirs.resolve("public")));
    }

    @Test
    void serverThatTakesLongToEndLeavesTheSocketOfTheNextOneAlone() throws Exception {
        var socket = folder.resolve("api.sock");
        var first = serve(socket);
        var connection = RpcChannels.unix(socket);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var open = HealthGrpc.newBlockingStub(connection).watch(HealthCheckRequest.getDefaultInstance());
            assertTrue(open.hasNext());
            var ended = threads.submit(() -> {
                first.close();
                return "closed";
            });
            var end = Instant.now().plusSeconds(20);
            while (Files.exists(socket) && Instant.now().isBefore(end)) {
                Thread.onSpinWait();
            }
            assertFalse(ended.isDone(), "its client is still there");
            try (var second = serve(socket)) {
                assertEquals("closed", ended.get());
                assertTrue(Files.exists(socket));
                assertEquals(ServingStatus.SERVING, ask(socket));
                assertEquals(-1, second.port());
            }
        } finally {
            connection.shutdownNow();
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
