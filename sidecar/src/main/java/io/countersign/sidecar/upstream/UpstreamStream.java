// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.upstream;

import io.countersign.sidecar.flow.Inbox;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.util.ReferenceCountUtil;
import org.jspecify.annotations.Nullable;

/**
 * One request and its answer on an upstream connection: the last handler of the pipeline that carries them, which is a
 * whole connection for HTTP/1.1 and a stream of one for HTTP/2. Messages come one for each {@link #read}. Lives on one
 * event loop.
 */
public final class UpstreamStream extends ChannelInboundHandlerAdapter {
    /** Whoever waits for the answer. */
    public interface Receiver {
        void response(HttpResponse response);

        void answerContent(HttpContent content);

        /** What has come is all for now; of no interest to those who pass nothing on. */
        default void answerPaused() {}

        /** Nothing more will come. */
        void lost(UpstreamFailure failure);

        /** The upstream can take more again. */
        void writable();
    }

    private final Connection connection;
    private final boolean http2;
    private final Runnable idle;
    private final Inbox inbox = new Inbox(this::deliver);
    private @Nullable Receiver receiver;
    private HostCounts.@Nullable Request counted;
    private @Nullable Throwable failure;
    private boolean gone;
    private boolean retired;
    private @Nullable Channel channel;

    /** @param idle what to do when the exchange is over and the pipeline can carry another */
    UpstreamStream(Connection connection, boolean http2, Runnable idle) {
        this.connection = connection;
        this.http2 = http2;
        this.idle = idle;
    }

    /** Everything about the connection except its channel, which for HTTP/2 is the whole connection's. */
    public Connection connection() {
        return connection;
    }

    public boolean http2() {
        return http2;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        channel = ctx.channel();
    }

    /** Whoever takes the connection over gets what has come and was not asked for yet. */
    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        inbox.handOver(ctx::fireChannelRead);
    }

    private Channel channel() {
        if (channel == null) {
            throw new IllegalStateException("stream is in no pipeline yet");
        }
        return channel;
    }

    public void begin(Receiver whoWaits) {
        receiver = whoWaits;
        counted = connection.counts().request();
    }

    /** Nobody waits any more. */
    private void end() {
        receiver = null;
        if (counted != null) {
            counted.end();
        }
    }

    public void write(HttpObject message) {
        if (counted != null) {
            counted.sent(message);
        }
        channel().write(message).addListener(written -> {
            if (!written.isSuccess() && failure == null) {
                failure = written.cause();
            }
        });
    }

    public void flush() {
        channel().flush();
    }

    public boolean writableNow() {
        return channel().isWritable();
    }

    public void read() {
        if (inbox.want()) {
            channel().read();
        }
    }

    private void close() {
        inbox.clear();
        var _ = channel().close();
    }

    /** The present exchange is the last that the pipeline carries. */
    void retire() {
        retired = true;
    }

    /** The answer is complete and so is the request: the connection may carry the next one. */
    public void release(boolean reusable) {
        end();
        if (reusable && !retired && channel().isActive() && inbox.isEmpty()) {
            idle.run();
        } else {
            close();
        }
    }

    /** Gives up in the middle. */
    public void abort() {
        end();
        close();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (receiver == null) {
            // nobody asked: whatever this is, it must not pass for the next answer
            ReferenceCountUtil.release(message);
            var _ = ctx.close();
        } else {
            inbox.arrived(message);
        }
    }

    private void deliver(Object message) {
        if (message instanceof HttpObject object && (object.decoderResult().isFailure() || isNoStatus(object))) {
            ReferenceCountUtil.release(message);
            lose(UpstreamFailure.malformed());
            close();
            return;
        }
        if (message instanceof HttpObject object && counted != null) {
            counted.came(object);
        }
        if (message instanceof HttpResponse response && receiver != null) {
            receiver.response(response);
        }
        if (!(message instanceof HttpObject)) {
            // of another protocol, to which nobody has asked to change
            ReferenceCountUtil.release(message);
        } else if (message instanceof HttpContent content) {
            if (receiver == null) {
                content.release();
            } else {
                receiver.answerContent(content);
            }
        }
        if (gone && inbox.isEmpty()) {
            lose(UpstreamFailure.lost(failure));
        }
    }

    /** RFC 9110, section 15: three digits. */
    private static boolean isNoStatus(HttpObject message) {
        return message instanceof HttpResponse response && response.status().code() > 999;
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        if (receiver != null) {
            receiver.answerPaused();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (receiver != null && ctx.channel().isWritable()) {
            receiver.writable();
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof Http2ResetFrame reset) {
            inbox.clear();
            lose(UpstreamFailure.reset(reset.errorCode() == Http2Error.REFUSED_STREAM.code()));
            // a stream with frames that nobody has read ends by itself never; later, so that no reset answers this one
            ctx.executor().execute(this::close);
        }
        ctx.fireUserEventTriggered(event);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        failure = cause;
        var _ = ctx.close();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        gone = true;
        if (inbox.isEmpty()) {
            lose(UpstreamFailure.lost(failure));
        }
    }

    private void lose(UpstreamFailure why) {
        var waiting = receiver;
        if (waiting != null && counted != null) {
            counted.lost();
        }
        end();
        if (waiting != null) {
            waiting.lost(why);
        }
    }
}
