// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.flow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http2.DefaultHttp2PingFrame;
import io.netty.handler.codec.http2.DefaultHttp2UnknownFrame;
import io.netty.handler.codec.http2.Http2Flags;
import org.junit.jupiter.api.Test;

class KnownFramesTest {
    @Test
    void frameOfNoNameIsDroppedAndItsMemoryGivenBack() {
        var channel = new EmbeddedChannel(new KnownFrames());
        var bytes = Unpooled.buffer().writeByte(1);
        assertFalse(channel.writeInbound(new DefaultHttp2UnknownFrame((byte) 0x42, new Http2Flags(), bytes)));
        assertEquals(0, bytes.refCnt());
        assertTrue(channel.writeInbound(new DefaultHttp2PingFrame(1)));
    }
}
