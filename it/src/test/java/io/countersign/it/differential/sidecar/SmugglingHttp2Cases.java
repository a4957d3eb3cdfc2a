// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.sidecar;

import io.countersign.it.differential.sidecar.Smuggled.Attack;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Requests of HTTP/2 that could become something else where the program behind the sidecar speaks HTTP/1.1. */
final class SmugglingHttp2Cases {
    static final int STREAM = 1;

    private SmugglingHttp2Cases() {}

    static List<Attack> all() {
        var all = new ArrayList<Attack>();
        all.addAll(pseudoHeaders());
        all.addAll(authorities());
        all.addAll(paths());
        all.addAll(SmugglingHttp2FieldCases.all());
        return all;
    }

    static Attack attack(String name, Http2Bytes bytes) {
        return new Attack("HTTP/2: " + name, true, bytes.letters());
    }

    static Attack head(String name, String... fields) {
        return attack(name, Http2Bytes.begin().head(STREAM, true, fields));
    }

    /** A request that is sound, and these fields. */
    static String[] with(String... fields) {
        return Stream.concat(
                        Stream.of(":method", "POST", ":scheme", "http", ":authority", "app.test", ":path", "/first"),
                        Stream.of(fields))
                .toArray(String[]::new);
    }

    static Attack field(String name, String value) {
        return head("field \"" + name + "\": \"" + value + "\"", with(name, value));
    }

    private static Attack request(String name, String method, String scheme, String authority, String path) {
        return head(name, ":method", method, ":scheme", scheme, ":authority", authority, ":path", path);
    }

    private static List<Attack> pseudoHeaders() {
        var all = new ArrayList<Attack>();
        all.add(head("sound", with()));
        all.add(head("no method", ":scheme", "http", ":authority", "app.test", ":path", "/first"));
        all.add(head("no scheme", ":method", "GET", ":authority", "app.test", ":path", "/first"));
        all.add(head("no path", ":method", "GET", ":scheme", "http", ":authority", "app.test"));
        for (var twice : List.of(":method", ":scheme", ":authority", ":path")) {
            all.add(field(twice, twice.equals(":path") ? "/other" : "other"));
        }
        all.add(field(":other", "x"));
        all.add(field(":status", "200"));
        all.add(field(":protocol", "websocket"));
        all.add(field(":", "x"));
        all.add(head(
                "path after a field",
                ":method",
                "GET",
                ":scheme",
                "http",
                ":authority",
                "app.test",
                "x-a",
                "b",
                ":path",
                "/first"));
        for (var method : List.of(
                "",
                "get",
                "BREW",
                "G T",
                "GET /other HTTP/1.1\r\nx-a: b\r\n\r\n",
                "GET\r\n",
                "GET\u0000",
                "G\u00e9T",
                "G@T")) {
            all.add(request("method \"" + method + "\"", method, "http", "app.test", "/first"));
        }
        for (var scheme :
                List.of("", "https", "ftp", "HTTP", "http://other.test/", "http\r\nx-a: b", "ht tp", "http\u0000")) {
            all.add(request("scheme \"" + scheme + "\"", "GET", scheme, "app.test", "/first"));
        }
        all.add(head("CONNECT", ":method", "CONNECT", ":authority", "app.test:443"));
        all.add(request("CONNECT with a path", "CONNECT", "http", "app.test", "/first"));
        all.add(head(
                "CONNECT with a protocol",
                ":method",
                "CONNECT",
                ":protocol",
                "websocket",
                ":scheme",
                "http",
                ":authority",
                "app.test",
                ":path",
                "/first"));
        return all;
    }

    private static List<Attack> authorities() {
        var all = new ArrayList<Attack>();
        for (var authority : List.of(
                "",
                " ",
                "app.test ",
                "app.test other.test",
                "app.test\r\nx-a: b",
                "app.test\r\n\r\nGET /hidden HTTP/1.1\r\nhost: hidden.test",
                "app.test\u0000",
                "app.test\nx",
                "app.test/other",
                "app.test?other",
                "app.test#other",
                "app.test\\other",
                "user@app.test",
                "app.test,other.test",
                "app.test:x",
                "app.test:80:90",
                "[::1",
                "<app.test>",
                "\u00e4pp.test")) {
            all.add(request("authority \"" + authority + "\"", "GET", "http", authority, "/first"));
        }
        all.add(head("no authority", ":method", "GET", ":scheme", "http", ":path", "/first"));
        all.add(head(
                "a host in its place", ":method", "GET", ":scheme", "http", ":path", "/first", "host", "app.test"));
        all.add(head(
                "two hosts in its place",
                ":method",
                "GET",
                ":scheme",
                "http",
                ":path",
                "/first",
                "host",
                "app.test",
                "host",
                "other.test"));
        all.add(head(
                "a broken host in its place",
                ":method",
                "GET",
                ":scheme",
                "http",
                ":path",
                "/first",
                "host",
                "app.test/x y"));
        all.add(field("host", "app.test"));
        all.add(field("host", "other.test"));
        all.add(field("host", ""));
        all.add(field("host", "app.test\r\nx-a: b"));
        return all;
    }

    private static List<Attack> paths() {
        var all = new ArrayList<Attack>();
        for (var path : List.of(
                "",
                "first",
                "*",
                "?first",
                "/first /other",
                "/first HTTP/1.1\r\nhost: other.test\r\n\r\nGET /hidden",
                "/first\r\nx-a: b",
                "/first\nx",
                "/first\rx",
                "/first\tx",
                "/first\u0000",
                "/first\u007f",
                "/first\u00e9",
                "/first#other",
                "/first%00",
                "/first\\other",
                "//other.test/first",
                "http://other.test/first",
                "http://other.test",
                "https://other.test/first",
                "HTTP://other.test/first",
                "http://user@other.test/first",
                "http:///first",
                "other.test:443",
                "/" + "a".repeat(62_000))) {
            var shown = path.length() > 100 ? "(62,000 letters)" : path;
            all.add(request("path \"" + shown + "\"", "GET", "http", "app.test", path));
        }
        all.add(request("path \"*\" of OPTIONS", "OPTIONS", "http", "app.test", "*"));
        return all;
    }
}
