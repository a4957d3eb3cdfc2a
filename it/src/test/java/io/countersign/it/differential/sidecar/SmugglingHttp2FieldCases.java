// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.sidecar;

import static io.countersign.it.differential.sidecar.SmugglingHttp2Cases.STREAM;
import static io.countersign.it.differential.sidecar.SmugglingHttp2Cases.attack;
import static io.countersign.it.differential.sidecar.SmugglingHttp2Cases.field;
import static io.countersign.it.differential.sidecar.SmugglingHttp2Cases.head;
import static io.countersign.it.differential.sidecar.SmugglingHttp2Cases.with;

import io.countersign.it.differential.sidecar.Smuggled.Attack;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Fields, lengths and trailers of HTTP/2 that mean something else in HTTP/1.1, or nothing. */
final class SmugglingHttp2FieldCases {
    private SmugglingHttp2FieldCases() {}

    static List<Attack> all() {
        var all = new ArrayList<Attack>();
        all.addAll(values());
        all.addAll(names());
        all.addAll(lengths());
        all.addAll(trailers());
        return all;
    }

    private static List<Attack> values() {
        var all = new ArrayList<Attack>();
        for (var value : List.of(
                "b\r\nx-b: c",
                "b\r\n\r\nGET /hidden HTTP/1.1\r\nhost: hidden.test\r\n\r\n",
                "b\nc",
                "b\rc",
                "b\u0000c",
                "b\u0001c",
                "b\u000bc",
                "b\u007fc",
                "b\u00e9c",
                "b\tc",
                " b",
                "b ",
                "\tb",
                "\r\nb",
                "b\r\n")) {
            all.add(field("x-a", value));
        }
        all.add(head("a field that is too large", with("x-a", "a".repeat(62_000))));
        return all;
    }

    private static List<Attack> names() {
        var all = new ArrayList<Attack>();
        for (var name : List.of(
                "X-A",
                "x a",
                "x-a ",
                " x-a",
                "x-a\r\nx-b",
                "x-a\n",
                "x-a\r",
                "x-a\u0000",
                "x-a:",
                "x:a",
                "",
                "x(a)",
                "x\u00e9",
                "x-a\u007f",
                "x_a",
                "Transfer-Encoding",
                "Content-Length")) {
            all.add(field(name, "0"));
        }
        for (var of : List.of(
                "connection: close",
                "connection: x-a",
                "keep-alive: 5",
                "proxy-connection: close",
                "transfer-encoding: chunked",
                "transfer-encoding: identity",
                "upgrade: websocket",
                "http2-settings: AAMAAABk",
                "te: trailers",
                "te: chunked",
                "te: trailers, chunked",
                "te: TRAILERS",
                "expect: 100-continue",
                "x-http2-path: /other",
                "x-http2-scheme: ftp",
                "x-http2-stream-id: 3",
                "cookie: a=b\r\nx-a: b")) {
            var parts = of.split(": ", 2);
            all.add(field(parts[0], parts[1]));
        }
        all.add(head(
                "too many fields", with(Stream.generate(() -> "x-a").limit(202).toArray(String[]::new))));
        return all;
    }

    private static List<Attack> lengths() {
        var all = new ArrayList<Attack>();
        for (var length : List.of(
                "2",
                "1",
                "3",
                "",
                "+2",
                "-2",
                "02",
                "0x2",
                "2, 2",
                "2 ",
                " 2",
                "2a",
                "2\r\nx-a: b",
                "18446744073709551618")) {
            all.add(attack(
                    "length \"" + length + "\" of two letters",
                    Http2Bytes.begin()
                            .head(STREAM, false, with("content-length", length))
                            .data(STREAM, true, "ab")));
        }
        all.add(field("content-length", "5"));
        all.add(field("content-length", "0"));
        all.add(head("two lengths", with("content-length", "0", "content-length", "5")));
        all.add(head("two equal lengths", with("content-length", "0", "content-length", "0")));
        all.add(attack(
                "a length and chunks",
                Http2Bytes.begin()
                        .head(STREAM, false, with("content-length", "5", "transfer-encoding", "chunked"))
                        .data(STREAM, true, "0\r\n\r\n")));
        all.add(attack(
                "a request in the body",
                Http2Bytes.begin()
                        .head(STREAM, false, with("content-length", "0"))
                        .data(STREAM, true, "GET /hidden HTTP/1.1\r\nhost: hidden.test\r\n\r\n")));
        all.add(attack(
                "the end of chunks in the body",
                Http2Bytes.begin()
                        .head(STREAM, false, with())
                        .data(STREAM, true, "0\r\n\r\nGET /hidden HTTP/1.1\r\nhost: hidden.test\r\n\r\n")));
        return all;
    }

    private static List<Attack> trailers() {
        var all = new ArrayList<Attack>();
        for (var of : List.of(
                "x-sum: 1",
                ":path: /other",
                ":status: 200",
                "content-length: 5",
                "transfer-encoding: chunked",
                "host: other.test",
                "connection: close",
                "X-Sum: 1",
                "x sum: 1",
                "x-sum: 1\r\nx-b: c",
                "x-sum: 1\r\n\r\nGET /hidden HTTP/1.1\r\nhost: hidden.test\r\n\r\n",
                "x-sum: 1\u0000")) {
            // a name may begin with a colon
            int colon = of.indexOf(": ", 1);
            all.add(attack(
                    "trailer \"" + of + "\"",
                    Http2Bytes.begin()
                            .head(STREAM, false, with())
                            .data(STREAM, false, "ab")
                            .head(STREAM, true, of.substring(0, colon), of.substring(colon + 2))));
        }
        all.add(attack(
                "trailers that do not end",
                Http2Bytes.begin()
                        .head(STREAM, false, with())
                        .data(STREAM, false, "ab")
                        .head(STREAM, false, "x-sum", "1")));
        all.add(attack(
                "a length that trailers come short of",
                Http2Bytes.begin()
                        .head(STREAM, false, with("content-length", "5"))
                        .data(STREAM, false, "ab")
                        .head(STREAM, true, "x-sum", "1")));
        return all;
    }
}
