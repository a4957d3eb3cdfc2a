// SPDX-License-Identifier: Apache-2.0
package io.countersign.rpc;

import io.grpc.netty.GrpcHttp2ConnectionHandler;
import io.netty.channel.Channel;
import io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Stream;

/**
 * Resets the stream of a call that is over for this side, if its client has not finished the request (RFC 9113, section 8.1).
 * It would be kept for as long as the client likes otherwise, a refused one like any other.
 */
final class EndedCalls extends Http2ConnectionAdapter {
    private final GrpcHttp2ConnectionHandler handler;
    private final Channel channel;

    EndedCalls(GrpcHttp2ConnectionHandler handler, Channel channel) {
        this.handler = handler;
        this.channel = channel;
    }

    @Override
    public void onStreamHalfClosed(Http2Stream stream) {
        if (isOurHalfAlone(stream)) {
            // the connection is in the middle of closing that half
            channel.eventLoop().execute(() -> reset(stream));
        }
    }

    private static boolean isOurHalfAlone(Http2Stream stream) {
        return stream.state() == Http2Stream.State.HALF_CLOSED_LOCAL;
    }

    private void reset(Http2Stream stream) {
        var context = channel.pipeline().context(handler);
        if (context != null && isOurHalfAlone(stream)) {
            var ignored = handler.resetStream(context, stream.id(), Http2Error.NO_ERROR.code(), context.newPromise());
            handler.flush(context);
        }
    }
}
