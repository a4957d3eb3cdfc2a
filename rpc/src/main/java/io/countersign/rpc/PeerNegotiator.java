// SPDX-License-Identifier: Apache-2.0
package io.countersign.rpc;

import io.grpc.ChannelLogger;
import io.grpc.netty.GrpcHttp2ConnectionHandler;
import io.grpc.netty.InternalProtocolNegotiationEvent;
import io.grpc.netty.InternalProtocolNegotiator;
import io.grpc.netty.InternalProtocolNegotiators;
import io.grpc.netty.ProtocolNegotiationEvent;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.util.AsciiString;
import java.io.IOException;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the kernel who connected before the first byte is read, and hands the answer to gRPC as a transport attribute. A
 * negotiator is the only place where gRPC lets one see the channel.
 */
final class PeerNegotiator implements InternalProtocolNegotiator.ProtocolNegotiator {
    private static final Logger log = LoggerFactory.getLogger(PeerNegotiator.class);

    private final Connections connections;

    PeerNegotiator(Connections connections) {
        this.connections = connections;
    }

    @Override
    public AsciiString scheme() {
        return AsciiString.of("http");
    }

    @Override
    public ChannelHandler newHandler(GrpcHttp2ConnectionHandler grpc) {
        return InternalProtocolNegotiators.waitUntilActiveHandler(new Identify(grpc), new SilentLogger());
    }

    @Override
    public void close() {}

    private final class Identify extends ChannelInboundHandlerAdapter {
        private final GrpcHttp2ConnectionHandler grpc;
        private final ChannelHandler next;

        Identify(GrpcHttp2ConnectionHandler grpc) {
            this.grpc = grpc;
            this.next = InternalProtocolNegotiators.grpcNegotiationHandler(grpc);
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (!(event instanceof ProtocolNegotiationEvent negotiated)) {
                ctx.fireUserEventTriggered(event);
                return;
            }
            var caller = admitted((EpollDomainSocketChannel) ctx.channel());
            if (caller.isEmpty()) {
                var ignored = ctx.close();
                return;
            }
            grpc.connection().addListener(new EndedCalls(grpc, ctx.channel()));
            var attributes = InternalProtocolNegotiationEvent.getAttributes(negotiated).toBuilder()
                    .set(Peer.PROCESS, caller.get())
                    .build();
            ctx.pipeline().replace(ctx.name(), null, next);
            // what a replaced handler fires reaches the one in its place
            ctx.fireUserEventTriggered(InternalProtocolNegotiationEvent.withAttributes(negotiated, attributes));
        }
    }

    private Optional<Peer.LocalProcess> admitted(EpollDomainSocketChannel connection) {
        try {
            return connections.admit(connection);
        } catch (IOException e) {
            log.debug("a connection is closed: {}", e.getMessage());
            return Optional.empty();
        }
    }

    private static final class SilentLogger extends ChannelLogger {
        @Override
        public void log(ChannelLogLevel level, String message) {}

        @Override
        public void log(ChannelLogLevel level, String format, Object... arguments) {}
    }
}
