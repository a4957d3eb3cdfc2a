// SPDX-License-Identifier: Apache-2.0
package io.countersign.rpc;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.InternalNettyServerCredentials;
import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLPeerUnverifiedException;

/**
 * A listening gRPC server. Each call runs on a virtual thread of its own, inside which {@link Peer#current()} names the
 * caller. Interceptors run in the order given, after the peer is known, and find the {@link CallTraffic} of the call.
 */
public final class RpcServer implements AutoCloseable {
    /** Over TCP. A client that wants more waits for the end of one, or opens another connection. */
    public static final int CALLS_PER_CONNECTION = 128;

    private static final long GRACE_SECONDS = 2;
    /**
     * In bytes; what a connection may have sent before anybody reads it, for one call as for all of them. Requests are small, and
     * as much is held of each connection.
     */
    private static final int UNREAD = 128 << 10;

    private final Server server;

    private RpcServer(Server server) {
        this.server = server;
    }

    /**
     * Listens on a Unix socket. Missing parent folders are made; a socket that nobody listens on any more is replaced.
     *
     * @param mode permission bits of the socket, such as 0777
     * @throws IOException if the socket is in use or cannot be made
     */
    public static RpcServer onUnixSocket(
            Path socket, int mode, List<ServerServiceDefinition> services, List<ServerInterceptor> interceptors)
            throws IOException {
        return onUnixSocket(socket, mode, SocketLimits.NONE, services, interceptors);
    }

    /** As {@link #onUnixSocket(Path, int, List, List)}, for a socket that strangers connect to. */
    public static RpcServer onUnixSocket(
            Path socket,
            int mode,
            SocketLimits limits,
            List<ServerServiceDefinition> services,
            List<ServerInterceptor> interceptors)
            throws IOException {
        UnixSocketFile.prepare(socket);
        var builder = NettyServerBuilder.forAddress(
                        new DomainSocketAddress(socket.toFile()),
                        InternalNettyServerCredentials.create(
                                new PeerNegotiator(new Connections(limits.connections()))))
                .channelType(EpollServerDomainSocketChannel.class)
                .maxConcurrentCallsPerConnection(limits.calls())
                .maxInboundMessageSize(limits.messageBytes());
        var server = start(builder, services, interceptors);
        UnixSocketFile.permit(socket, mode);
        return new RpcServer(server);
    }

    /** Listens on TCP with TLS; a client certificate is asked for, not required, and verified if there is one. */
    public static RpcServer onTcp(
            InetSocketAddress address,
            TlsIdentity identity,
            List<ServerServiceDefinition> services,
            List<ServerInterceptor> interceptors)
            throws IOException {
        var builder = NettyServerBuilder.forAddress(address)
                .channelType(EpollServerSocketChannel.class)
                .sslContext(new FreshTls(identity, false))
                .maxConnectionAge(3, TimeUnit.MINUTES)
                .maxConnectionAgeGrace(3, TimeUnit.MINUTES)
                .flowControlWindow(UNREAD)
                .maxConcurrentCallsPerConnection(CALLS_PER_CONNECTION);
        return new RpcServer(start(builder, services, interceptors));
    }

    private static Server start(
            NettyServerBuilder builder, List<ServerServiceDefinition> services, List<ServerInterceptor> interceptors)
            throws IOException {
        builder.bossEventLoopGroup(EventLoops.shared())
                .workerEventLoopGroup(EventLoops.shared())
                .executor(Executors.newVirtualThreadPerTaskExecutor())
                .addStreamTracerFactory(CallTraffic.FACTORY)
                .permitKeepAliveTime(10, TimeUnit.SECONDS)
                .permitKeepAliveWithoutCalls(true)
                .addServices(services);
        // gRPC calls the interceptor added last first
        interceptors.reversed().forEach(builder::intercept);
        return builder.intercept(new IdentifyPeer()).build().start();
    }

    /** The TCP port listened on; -1 for a Unix socket. */
    public int port() {
        return server.getPort();
    }

    /**
     * Stops listening, lets open calls end for a moment, then cuts them. The file of a Unix socket goes with the listener;
     * after that moment it may be another server's.
     */
    @Override
    public void close() throws Exception {
        server.shutdown();
        if (!server.awaitTermination(GRACE_SECONDS, TimeUnit.SECONDS)) {
            server.shutdownNow().awaitTermination(GRACE_SECONDS, TimeUnit.SECONDS);
        }
    }

    private static final class IdentifyPeer implements ServerInterceptor {
        @Override
        public <Q, A> ServerCall.Listener<Q> interceptCall(
                ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
            return Contexts.interceptCall(Context.current().withValue(Peer.CONTEXT, peer(call)), call, headers, next);
        }

        private static Peer peer(ServerCall<?, ?> call) {
            var attributes = call.getAttributes();
            var process = attributes.get(Peer.PROCESS);
            if (process != null) {
                return process;
            }
            SocketAddress address = attributes.get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR);
            if (address == null) {
                address = InetSocketAddress.createUnresolved("unknown", 0);
            }
            var session = attributes.get(Grpc.TRANSPORT_ATTR_SSL_SESSION);
            if (session == null) {
                return new Peer.Anonymous(address);
            }
            try {
                var chain = Arrays.stream(session.getPeerCertificates())
                        .map(X509Certificate.class::cast)
                        .toList();
                return new Peer.Mtls(chain, address);
            } catch (SSLPeerUnverifiedException e) {
                return new Peer.Anonymous(address);
            }
        }
    }
}
