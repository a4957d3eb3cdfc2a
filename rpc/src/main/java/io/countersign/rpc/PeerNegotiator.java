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

/**
 * Asks the kernel who connected before the first byte is read, and hands the answer to gRPC as a transport attribute. A
 * negotiator is the only place where gRPC lets one see the channel.
 */
final class PeerNegotiator implements InternalProtocolNegotiator.ProtocolNegotiator {
    @Override
    public AsciiString scheme() {
        return AsciiString.of("http");
    }

    @Override
    public ChannelHandler newHandler(GrpcHttp2ConnectionHandler grpc) {
        return InternalProtocolNegotiators.waitUntilActiveHandler(
                new Identify(InternalProtocolNegotiators.grpcNegotiationHandler(grpc)), new SilentLogger());
    }

    @Override
    public void close() {}

    private static final class Identify extends ChannelInboundHandlerAdapter {
        private final ChannelHandler next;

        Identify(ChannelHandler next) {
            this.next = next;
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) throws IOException {
            if (!(event instanceof ProtocolNegotiationEvent negotiated)) {
                ctx.fireUserEventTriggered(event);
                return;
            }
            var credentials = ((EpollDomainSocketChannel) ctx.channel()).peerCredentials();
            var gids = credentials.gids();
            var process = new Peer.LocalProcess(
                    credentials.pid(),
                    credentials.uid(),
                    gids.length == 0 ? -1 : gids[0],
                    ProcFs.startTime(credentials.pid()));
            var attributes = InternalProtocolNegotiationEvent.getAttributes(negotiated).toBuilder()
                    .set(Peer.PROCESS, process)
                    .build();
            ctx.pipeline().replace(ctx.name(), null, next);
            // what a replaced handler fires reaches the one in its place
            ctx.fireUserEventTriggered(InternalProtocolNegotiationEvent.withAttributes(negotiated, attributes));
        }
    }

    private static final class SilentLogger extends ChannelLogger {
        @Override
        public void log(ChannelLogLevel level, String message) {}

        @Override
        public void log(ChannelLogLevel level, String format, Object... arguments) {}
    }
}
