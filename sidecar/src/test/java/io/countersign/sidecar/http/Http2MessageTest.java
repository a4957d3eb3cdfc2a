// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.http;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class Http2MessageTest {
    private static Http2Headers head(String method) {
        return new DefaultHttp2Headers(false).method(method);
    }

    private static boolean isPassedOn(Http2Headers head) {
        return new EmbeddedChannel(new Http2Message()).writeInbound(new DefaultHttp2HeadersFrame(head, true));
    }

    @Test
    void requestIsPassedOn() {
        assertTrue(isPassedOn(head("GET").scheme("http").path("/a?b=%20")));
        assertTrue(isPassedOn(head("CONNECT").authority("example.org:443")));
    }

    /** The codec that comes next would fail with what it has taken for the body. */
    @ParameterizedTest
    @CsvSource({"GET,/a b", "G T,/", "GET,''", "GET,/\\177"})
    void whatIsNoRequestIsRefused(String method, String path) {
        var head = head(method).scheme("http").path(path.translateEscapes());
        assertThrows(Http2Exception.class, () -> isPassedOn(head));
    }

    @ParameterizedTest
    @CsvSource({"CONNECT", "connect"})
    void connectWithoutAnAuthorityIsRefused(String method) {
        assertThrows(
                Http2Exception.class,
                () -> isPassedOn(head(method).scheme("http").path("/")));
    }
}
