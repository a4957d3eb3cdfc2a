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

    /** Where HTTP/1.1 is spoken it would be read as something else, or name another host. */
    @ParameterizedTest
    @CsvSource({
        "http,app.test,http://other.test/",
        "http,app.test,first",
        "http,app.test,/\\351",
        "ht tp,app.test,/",
        "http://other.test/,app.test,/",
        "http,app.test/other,/",
        "http,user@app.test,/",
        "http,app.test other.test,/"
    })
    void targetThatMayBeReadInTwoWaysIsRefused(String scheme, String authority, String path) {
        var head = head("GET").scheme(scheme).authority(authority).path(path.translateEscapes());
        assertThrows(Http2Exception.class, () -> isPassedOn(head));
    }

    @ParameterizedTest
    @CsvSource({":protocol,websocket", "host,a/b", "content-length,+2"})
    void fieldThatIsNotSoundIsRefused(String name, String value) {
        var head = head("POST").scheme("http").path("/").add(name, value);
        assertThrows(Http2Exception.class, () -> isPassedOn(head));
    }

    @Test
    void moreFieldsThanMayBeAreRefused() {
        var head = head("GET").scheme("http").authority("app.test").path("/");
        for (int i = head.size(); i < HeadCheck.MOST_HEADERS; i++) {
            head.add("x-a", "b");
        }
        assertTrue(isPassedOn(head));
        head.add("x-a", "b");
        assertThrows(Http2Exception.class, () -> isPassedOn(head));
    }

    @Test
    void trailerThatSaysALengthIsRefused() {
        var channel = new EmbeddedChannel(new Http2Message());
        var head = head("POST").scheme("http").path("/");
        assertTrue(channel.writeInbound(new DefaultHttp2HeadersFrame(head, false)));
        var trailers = new DefaultHttp2Headers(false).add("content-length", "5");
        assertThrows(Http2Exception.class, () -> channel.writeInbound(new DefaultHttp2HeadersFrame(trailers, true)));
    }
}
