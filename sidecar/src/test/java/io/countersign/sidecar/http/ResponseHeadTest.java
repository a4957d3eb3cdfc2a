// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class ResponseHeadTest {
    private static List<Object> sent(FullHttpResponse came, boolean http2) {
        var channel = new EmbeddedChannel(new ChannelInboundHandlerAdapter());
        var client = channel.pipeline().firstContext();
        ResponseHead.begin(client, new DefaultHttpResponse(came.protocolVersion(), came.status()), came, http2);
        ResponseHead.end(client, came, http2);
        return List.copyOf(channel.outboundMessages());
    }

    private static FullHttpResponse came(String body) {
        return new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1, HttpResponseStatus.OK, Unpooled.copiedBuffer(body, StandardCharsets.US_ASCII));
    }

    @Test
    void answerWithoutABodyIsItsHeadForAClientOfHttp2() {
        var sent = sent(came(""), true);
        assertEquals(1, sent.size());
        assertInstanceOf(FullHttpResponse.class, sent.getFirst());
    }

    @Test
    void noHeadIsSentTwice() {
        for (var sent : List.of(sent(came("body"), true), sent(came("body"), false), sent(came(""), false))) {
            assertEquals(2, sent.size());
            assertInstanceOf(LastHttpContent.class, sent.getLast());
            assertFalse(sent.getLast() instanceof HttpResponse, sent::toString);
        }
    }
}
