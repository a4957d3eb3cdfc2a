// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.http;

import io.countersign.sidecar.bootstrap.HttpConnections.Timeouts;
import io.countersign.sidecar.flow.WhileOpen;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.DefaultHttp2GoAwayFrame;
import io.netty.handler.codec.http2.Http2Error;
import java.time.Duration;

/**
 * What {@link HeadClock} is for HTTP/1.1, for the heads of HTTP/2. It stands before the codec, which tells nobody of a head until
 * its last piece is there, and waits for that piece for ever. Looks at where frames begin and of which kind they are, and at
 * nothing else. Lives on one event loop.
 */
public final class HeadBlockClock extends HeadTimer {
    private static final int PREFACE_BYTES = 24;
    private static final int FRAME_HEAD_BYTES = 9;
    private static final int HEADERS = 1;
    private static final int CONTINUATION = 9;
    private static final int END_HEADERS = 4;

    private static final Duration LAST_WORDS = Duration.ofSeconds(1);

    private final Duration most;
    private final byte[] frameHead = new byte[FRAME_HEAD_BYTES];
    private final Runnable late;
    private int come;
    /** What is left of a frame, or of the connection's first words. */
    private int left = PREFACE_BYTES;

    private boolean inHead;
    private boolean lastPiece;

    /** @param late told when a connection is given up */
    public HeadBlockClock(Timeouts timeouts, Runnable late) {
        this.most = HeadClock.limit(timeouts);
        this.late = late;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (!most.isZero() && message instanceof ByteBuf bytes) {
            look(bytes);
            if (!inHead && come == 0) {
                stop();
            } else {
                start(ctx, most, () -> giveUp(ctx));
            }
        }
        ctx.fireChannelRead(message);
    }

    private void look(ByteBuf bytes) {
        int at = bytes.readerIndex();
        int end = bytes.writerIndex();
        while (at < end) {
            if (left == 0) {
                frameHead[come++] = bytes.getByte(at++);
                if (come == FRAME_HEAD_BYTES) {
                    begin();
                }
            } else {
                int passed = Math.min(left, end - at);
                at += passed;
                left -= passed;
            }
            if (left == 0 && come == 0 && lastPiece) {
                // one that is whole takes no time from the next
                inHead = false;
                lastPiece = false;
                stop();
            }
        }
    }

    private void begin() {
        come = 0;
        left = (frameHead[0] & 0xff) << 16 | (frameHead[1] & 0xff) << 8 | (frameHead[2] & 0xff);
        int type = frameHead[3];
        if (type == HEADERS || type == CONTINUATION) {
            inHead = true;
            lastPiece = (frameHead[4] & END_HEADERS) != 0;
        }
    }

    /** Other streams end with it: after a piece of a head nothing else can come on the connection. */
    private void giveUp(ChannelHandlerContext ctx) {
        late.run();
        var _ = ctx.channel().writeAndFlush(new DefaultHttp2GoAwayFrame(Http2Error.ENHANCE_YOUR_CALM));
        // the codec closes after that, but not if it has said good-bye before, or if the client takes nothing
        WhileOpen.after(ctx.channel(), LAST_WORDS, () -> {
            var _ = ctx.close();
        });
    }
}
