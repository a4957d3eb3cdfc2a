// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.sidecar;

import io.countersign.it.differential.sidecar.Smuggled.Attack;
import java.util.ArrayList;
import java.util.List;

/** Request lines, hosts and header lines of HTTP/1.1 that are odd, each with another request behind it. */
// where lines end is what these are about
@SuppressWarnings("StringConcatToTextBlock")
final class SmugglingHeadCases {
    private static final String HIDDEN = "GET /hidden HTTP/1.1\r\nhost: hidden.test\r\n\r\n";

    private static final List<String> LINES = List.of(
            "GET /first",
            "GET /first HTTP/0.9",
            "GET /first HTTP/1.0",
            "GET /first HTTP/1.2",
            "GET /first HTTP/1.10",
            "GET /first HTTP/1",
            "GET /first HTTP/2.0",
            "GET /first http/1.1",
            "GET /first HTTP/1.1 ",
            "GET /first HTTP/1.1 x",
            "GET /first HTTP/1,1",
            "GET /first HTTPS/1.1",
            "GET /first  HTTP/1.1",
            "GET  /first HTTP/1.1",
            "GET\t/first HTTP/1.1",
            "GET\t/first\tHTTP/1.1",
            " GET /first HTTP/1.1",
            "\r\nGET /first HTTP/1.1",
            "\nGET /first HTTP/1.1",
            "\r\n\r\n\r\nGET /first HTTP/1.1",
            "get /first HTTP/1.1",
            "Get /first HTTP/1.1",
            "G@T /first HTTP/1.1",
            "GET\u0000 /first HTTP/1.1",
            "PRI * HTTP/2.0",
            "GET * HTTP/1.1",
            "OPTIONS * HTTP/1.1",
            "GET first HTTP/1.1",
            "GET ?first HTTP/1.1",
            "GET /first /other HTTP/1.1",
            "GET /fi\trst HTTP/1.1",
            "GET /fi\u000brst HTTP/1.1",
            "GET /fi\u0000rst HTTP/1.1",
            "GET /fi\u007frst HTTP/1.1",
            "GET /fi\rrst HTTP/1.1",
            "GET /fi\u00e9rst HTTP/1.1",
            "GET /first\\other HTTP/1.1",
            "GET \\first HTTP/1.1",
            "GET //other.test/first HTTP/1.1",
            "GET /first%0d%0ax-a:%20b HTTP/1.1",
            "GET /first#other HTTP/1.1",
            "GET /first%00 HTTP/1.1",
            "GET http:/first HTTP/1.1",
            "GET http:first HTTP/1.1",
            "GET ftp://other.test/first HTTP/1.1",
            "GET HTTP://other.test/first HTTP/1.1",
            "GET http:///first HTTP/1.1",
            "GET http:// HTTP/1.1",
            "GET http://other.test/first HTTP/1.1",
            "GET http://other.test HTTP/1.1",
            "GET http://other.test?first HTTP/1.1",
            "GET http://other.test#first HTTP/1.1",
            "GET http://app.test@other.test/first HTTP/1.1",
            "GET http://other.test:99999/first HTTP/1.1",
            "GET http://other.test:x/first HTTP/1.1",
            "GET http://[::1/first HTTP/1.1",
            "GET http://other.test\\first HTTP/1.1",
            "GET other.test:80 HTTP/1.1",
            "CONNECT /first HTTP/1.1",
            "CONNECT other.test:443 HTTP/1.1");

    private SmugglingHeadCases() {}

    static List<Attack> all() {
        var all = new ArrayList<Attack>();
        all.addAll(requestLines());
        all.addAll(hosts());
        all.addAll(headers());
        all.addAll(lineEnds());
        all.addAll(connections());
        return all;
    }

    private static Attack raw(String name, String text) {
        return Attack.http1(name, text + HIDDEN);
    }

    private static List<Attack> requestLines() {
        var all = new ArrayList<Attack>();
        for (var line : LINES) {
            all.add(raw("request \"" + line + "\"", line + "\r\nhost: app.test\r\n\r\n"));
        }
        all.add(raw("request of HTTP/0.9 without more", "GET /first\r\n\r\n"));
        all.add(raw(
                "CONNECT with a body", "CONNECT other.test:443 HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\n\r\nab"));
        all.add(raw("an absolute target without a host", "GET http://other.test/first HTTP/1.1\r\n\r\n"));
        all.add(raw("a path that is too large", "GET /" + "a".repeat(62_000) + " HTTP/1.1\r\nhost: app.test\r\n\r\n"));
        all.add(raw("a method that is too large", "G".repeat(62_000) + " / HTTP/1.1\r\nhost: app.test\r\n\r\n"));
        return all;
    }

    private static List<Attack> hosts() {
        var all = new ArrayList<Attack>();
        for (var lines : List.of(
                "",
                "host:\r\n",
                "host: \t \r\n",
                "host: app.test\r\nhost: app.test\r\n",
                "host: app.test\r\nhost: other.test\r\n",
                "host: app.test\r\nHOST: other.test\r\n",
                "host:\r\nhost: app.test\r\n",
                "host: app.test, other.test\r\n",
                "host: app.test other.test\r\n",
                "host: app.test\tother.test\r\n",
                "host: app.test/other\r\n",
                "host: app.test?other\r\n",
                "host: app.test#other\r\n",
                "host: app.test\\other\r\n",
                "host: user@app.test\r\n",
                "host: app.test:80:90\r\n",
                "host: app.test:x\r\n",
                "host: app.test:\r\n",
                "host: app.test:99999\r\n",
                "host: [::1\r\n",
                "host: [::1]\r\n",
                "host: <app.test>\r\n",
                "host: app.test\u0000other.test\r\n",
                "host: app.test\u000bother.test\r\n",
                "host: app.test\rother.test\r\n",
                "host: app.test\r\n other.test\r\n",
                "host: \u00e4pp.test\r\n",
                "host : app.test\r\n",
                "host\u0000: app.test\r\n",
                " host: app.test\r\n",
                "x-a: b\r\n host: app.test\r\n",
                "host: " + "a".repeat(300) + ".test\r\n")) {
            var shown = lines.length() > 200 ? "(300 letters)" : lines;
            all.add(raw("host \"" + shown + "\"", "GET /first HTTP/1.1\r\n" + lines + "\r\n"));
        }
        return all;
    }

    private static List<Attack> headers() {
        var all = new ArrayList<Attack>();
        for (var line : List.of(
                "x-a : b",
                "x-a\t: b",
                "x a: b",
                " x-a: b",
                "\tx-a: b",
                "x-a",
                ": b",
                ":path: /other",
                "x-a\u0000: b",
                "x-a\u000b: b",
                "x-a\u0001: b",
                "x-a\u007f: b",
                "x-\u00e9: b",
                "x(a): b",
                "x/a: b",
                "x\"a: b",
                "x_a: b",
                "x-a: b\u0000c",
                "x-a: \u0000",
                "x-a: b\u0001c",
                "x-a: b\u000bc",
                "x-a: b\fc",
                "x-a: b\u007fc",
                "x-a: b\u00e9c",
                "x-a: b\tc",
                "x-a: b\rc",
                "x-a: b\nx-b: c",
                "x-a: b\r\n c",
                "x-a: b\r\n\tc",
                "x-a: b\r\n \r\n c",
                "x-a:\r\n b",
                "x-a: b\r\r\nx-b: c",
                "x-a: b\n\rx-b: c",
                "x-http2-path: /other",
                "x-http2-scheme: https",
                "x-envoy-original-path: /other")) {
            all.add(raw("header \"" + line + "\"", "GET /first HTTP/1.1\r\nhost: app.test\r\n" + line + "\r\n\r\n"));
            all.add(raw(
                    "first header \"" + line + "\"", "GET /first HTTP/1.1\r\n" + line + "\r\nhost: app.test\r\n\r\n"));
        }
        var host = "GET /first HTTP/1.1\r\nhost: app.test\r\n";
        all.add(raw("a header that is too large", host + "x-a: " + "a".repeat(62_000) + "\r\n\r\n"));
        all.add(raw("a header name that is too large", host + "a".repeat(62_000) + ": b\r\n\r\n"));
        all.add(raw(
                "headers that are too large together",
                host + ("x-a: " + "a".repeat(1000) + "\r\n").repeat(62) + "\r\n"));
        all.add(raw("as many headers as may be", host + "x-a: b\r\n".repeat(99) + "\r\n"));
        all.add(raw("too many headers", host + "x-a: b\r\n".repeat(101) + "\r\n"));
        return all;
    }

    private static List<Attack> lineEnds() {
        return List.of(
                raw("LF behind all lines", "GET /first HTTP/1.1\nhost: app.test\n\n"),
                raw("LF behind the request line", "GET /first HTTP/1.1\nhost: app.test\r\n\r\n"),
                raw("LF behind the last header", "GET /first HTTP/1.1\r\nhost: app.test\n\r\n"),
                raw("LF as the empty line", "GET /first HTTP/1.1\r\nhost: app.test\r\n\n"),
                raw("CR behind all lines", "GET /first HTTP/1.1\rhost: app.test\r\r"),
                raw("CR behind the request line", "GET /first HTTP/1.1\rhost: app.test\r\n\r\n"),
                raw("CR as the empty line", "GET /first HTTP/1.1\r\nhost: app.test\r\n\r"),
                raw("CR twice", "GET /first HTTP/1.1\r\r\nhost: app.test\r\r\n\r\r\n"),
                raw("a space in the empty line", "GET /first HTTP/1.1\r\nhost: app.test\r\n \r\n"),
                raw(
                        "LF behind a length, and its body",
                        "POST /first HTTP/1.1\r\nhost: app.test\r\ncontent-length: 2\n\nab"));
    }

    private static List<Attack> connections() {
        var all = new ArrayList<Attack>();
        for (var lines : List.of(
                "connection: content-length\r\ncontent-length: 2",
                "connection: host\r\ncontent-length: 2",
                "connection: close\r\ncontent-length: 2",
                "connection: close, x-a\r\nx-a: b\r\ncontent-length: 2",
                "connection: x-forwarded-proto\r\ncontent-length: 2",
                "connection: x-forwarded-client-cert\r\ncontent-length: 2",
                "connection: keep-alive, close\r\ncontent-length: 2",
                "connection: upgrade\r\nupgrade: websocket\r\ncontent-length: 2",
                "connection: upgrade\r\nupgrade: other\r\ncontent-length: 2",
                "connection: upgrade\r\nupgrade: h2c\r\nhttp2-settings: AAMAAABk\r\ncontent-length: 2",
                "upgrade: websocket\r\ncontent-length: 2",
                "proxy-connection: close\r\ncontent-length: 2",
                "te: chunked\r\ncontent-length: 2",
                "te: trailers, chunked\r\ncontent-length: 2",
                "trailer: content-length\r\ncontent-length: 2",
                "expect: 100-continue\r\ncontent-length: 2",
                "expect: x\r\ncontent-length: 2",
                "x-http-method-override: DELETE\r\ncontent-length: 2")) {
            all.add(raw(
                    "connection \"" + lines + "\"",
                    "POST /first HTTP/1.1\r\nhost: app.test\r\n" + lines + "\r\n\r\nab"));
        }
        all.add(raw(
                "an upgrade with chunks",
                "GET /first HTTP/1.1\r\nhost: app.test\r\nconnection: upgrade\r\nupgrade: websocket\r\n"
                        + "transfer-encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n"));
        all.add(raw(
                "a GET that expects to be told to go on",
                "GET /first HTTP/1.1\r\nhost: app.test\r\nexpect: 100-continue\r\n\r\n"));
        return all;
    }
}
