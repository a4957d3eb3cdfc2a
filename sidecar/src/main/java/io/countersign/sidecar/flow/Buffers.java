// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.flow;

import io.netty.channel.ChannelOption;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.handler.codec.http.HttpDecoderConfig;

/** How much of a connection is in memory at once. */
public final class Buffers {
    private static final int KIB = 1024;
    /** As much as one read of a socket may bring. */
    private static final int PIECE = 64 * KIB;

    /** What a slow reader may leave before nothing more is read for him. */
    public static final int STANDARD = 256 * KIB;

    private Buffers() {}

    /**
     * For {@link ChannelOption#WRITE_BUFFER_WATER_MARK}.
     *
     * @param most beyond which nothing more is read, until half of it is gone
     */
    public static WriteBufferWaterMark unsent(int most) {
        // below a low mark of 0 nobody ever comes
        return new WriteBufferWaterMark(Math.max(1, most / 2), most);
    }

    /** @param headBytes how long the first line and all headers may be, each */
    public static HttpDecoderConfig http1(int headBytes) {
        return new HttpDecoderConfig()
                .setMaxInitialLineLength(headBytes)
                .setMaxHeaderSize(headBytes)
                .setMaxChunkSize(PIECE);
    }
}
