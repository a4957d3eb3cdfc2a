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

    /** For {@link ChannelOption#WRITE_BUFFER_WATER_MARK}: what a slow reader has not taken yet. */
    public static final WriteBufferWaterMark UNSENT = new WriteBufferWaterMark(128 * KIB, 256 * KIB);

    private Buffers() {}

    /** @param headBytes how long the first line and all headers may be, each */
    public static HttpDecoderConfig http1(int headBytes) {
        return new HttpDecoderConfig()
                .setMaxInitialLineLength(headBytes)
                .setMaxHeaderSize(headBytes)
                .setMaxChunkSize(PIECE);
    }
}
