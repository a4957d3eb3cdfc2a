// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.sidecar;

import io.countersign.it.differential.sidecar.Smuggled.Attack;
import java.util.ArrayList;
import java.util.List;

/** Requests of HTTP/1.1 that two programs in a row may read in two ways, each with another one hidden behind it. */
// where lines end is what these are about
@SuppressWarnings("StringConcatToTextBlock")
final class SmugglingCases {
    private static final String HIDDEN = "GET /hidden HTTP/1.1\r\nhost: hidden.test\r\n\r\n";
    private static final String HOST = "host: app.test";

    private static final List<String> CODINGS = List.of(
            "transfer-encoding: chunked",
            "Transfer-Encoding:chunked",
            "transfer-encoding: CHUNKED",
            "transfer-encoding: xchunked",
            "transfer-encoding: chunkedx",
            "transfer-encoding: chunked, identity",
            "transfer-encoding: identity, chunked",
            "transfer-encoding: chunked, chunked",
            "transfer-encoding: gzip, chunked",
            "transfer-encoding: chunked, gzip",
            "transfer-encoding: identity",
            "transfer-encoding: chunked;q=1",
            "transfer-encoding: ,chunked",
            "transfer-encoding: chunked,",
            "transfer-encoding: \"chunked\"",
            "transfer-encoding: 'chunked'",
            "transfer-encoding:",
            "transfer-encoding: \tchunked",
            "transfer-encoding: chunked\t",
            "transfer-encoding: \u000bchunked",
            "transfer-encoding: chunked\u000b",
            "transfer-encoding: chunked\u0000",
            "transfer-encoding: \u0000chunked",
            "transfer-encoding: chun ked",
            "transfer-encoding : chunked",
            "transfer-encoding\t: chunked",
            "transfer-encoding\u000b: chunked",
            " transfer-encoding: chunked",
            "transfer_encoding: chunked",
            "transfer-encoding:\r\n chunked",
            "transfer-encoding: x\r\n chunked",
            "transfer-encoding\r\n: chunked",
            "x-a: b\ntransfer-encoding: chunked",
            "x-a: b\rtransfer-encoding: chunked",
            "transfer-encoding: chunked\r\ntransfer-encoding: chunked",
            "transfer-encoding: chunked\r\ntransfer-encoding: identity",
            "transfer-encoding: identity\r\ntransfer-encoding: chunked",
            "transfer-encoding: chunked\r\ntransfer-encoding: x",
            "transfer-encoding: x\r\ntransfer-encoding: chunked",
            "connection: transfer-encoding\r\ntransfer-encoding: chunked");

    private SmugglingCases() {}

    static List<Attack> all() {
        var all = new ArrayList<Attack>();
        all.addAll(lengths());
        all.addAll(codings());
        all.addAll(chunks());
        all.addAll(trailers());
        all.addAll(SmugglingHeadCases.all());
        return all;
    }

    private static Attack post(String name, String body, String... headers) {
        return Attack.http1(
                name,
                "POST /first HTTP/1.1\r\n" + HOST + "\r\n" + String.join("\r\n", headers) + "\r\n\r\n" + body + HIDDEN);
    }

    private static List<Attack> lengths() {
        var all = new ArrayList<Attack>();
        for (var value : List.of(
                "2, 2",
                "2, 3",
                "2,",
                ",2",
                "+2",
                "-2",
                "-0",
                "0x2",
                "02",
                "2.0",
                "2e0",
                "2a",
                "2;",
                "2 2",
                "\"2\"",
                "",
                "  2  ",
                "\t2",
                "\u000b2",
                "2\u000b",
                "2\f",
                "\u00b2",
                "2\u0000",
                "4294967298",
                "9223372036854775807",
                "9223372036854775808",
                "18446744073709551618",
                "1" + "0".repeat(40))) {
            all.add(post("length \"" + value + "\"", "ab", "content-length: " + value));
        }
        all.add(post("two equal lengths", "ab", "content-length: 2", "content-length: 2"));
        all.add(post("two lengths, the first shorter", "abc", "content-length: 2", "content-length: 3"));
        all.add(post("two lengths, the first longer", "abc", "content-length: 3", "content-length: 2"));
        all.add(post("two lengths, one empty", "ab", "content-length:", "content-length: 2"));
        all.add(post("a length of zero", "", "content-length: 0"));
        all.add(post("no length", ""));
        all.add(post("a length with an underscore", "ab", "content_length: 2"));
        all.add(post("a length with a space before the colon", "ab", "content-length : 2"));
        all.add(post("a length with a tab before the colon", "ab", "content-length\t: 2"));
        all.add(post("a length behind a bare CR", "ab", "x-a: b\rcontent-length: 2"));
        all.add(post("a length behind a bare LF", "ab", "x-a: b\ncontent-length: 2"));
        all.add(post("a length in a folded line", "ab", "content-length:\r\n 2"));
        all.add(post("a length and its end in a folded line", "a".repeat(22), "content-length: 2\r\n 2"));
        return all;
    }

    private static List<Attack> codings() {
        var all = new ArrayList<Attack>();
        for (var header : CODINGS) {
            all.add(post("coding \"" + header + "\"", "0\r\n\r\n", header));
            all.add(post("coding \"" + header + "\" and a length after it", "0\r\n\r\n", header, "content-length: 5"));
        }
        all.add(post("a length, then chunks", "0\r\n\r\n", "content-length: 5", "transfer-encoding: chunked"));
        all.add(post(
                "a length of a part, then chunks", "0\r\n\r\n", "content-length: 2", "transfer-encoding: chunked"));
        all.add(Attack.http1(
                "chunks in HTTP/1.0",
                "POST /first HTTP/1.0\r\n" + HOST + "\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n" + HIDDEN));
        all.add(Attack.http1(
                "GET in chunks",
                "GET /first HTTP/1.1\r\n" + HOST + "\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n" + HIDDEN));
        all.add(Attack.http1(
                "HEAD with a length", "HEAD /first HTTP/1.1\r\n" + HOST + "\r\ncontent-length: 2\r\n\r\nab" + HIDDEN));
        return all;
    }

    private static Attack chunked(String name, String body) {
        return post("chunks: " + name, body, "transfer-encoding: chunked");
    }

    private static List<Attack> chunks() {
        var all = new ArrayList<Attack>();
        for (var size : List.of(
                "02",
                "00000000000000002",
                "+2",
                "-2",
                "0x2",
                " 2",
                "2 ",
                "\t2",
                "2\t",
                "2\u000b",
                "2\u0000",
                "2_",
                "2,2",
                "2.",
                "g",
                "",
                "80000002",
                "100000002",
                "7fffffffffffffff",
                "ffffffffffffffff",
                "10000000000000002",
                "2;",
                "2;x",
                "2;x=y",
                "2;x=\"y\"",
                "2 ;x=y",
                "2; x = y",
                "2;x\u0000",
                "2;x\ny",
                "2;x\ry",
                "2;x=\"\r\nab\r\n0\r\n\r\n\"",
                "2;" + "x".repeat(20_000))) {
            var shown = size.length() > 100 ? "2;(20,000 letters)" : size;
            all.add(chunked("size \"" + shown + "\"", size + "\r\nab\r\n0\r\n\r\n"));
        }
        all.add(chunked("LF behind the size", "2\nab\r\n0\r\n\r\n"));
        all.add(chunked("CR behind the size", "2\rab\r\n0\r\n\r\n"));
        all.add(chunked("nothing behind the data", "2\r\nab0\r\n\r\n"));
        all.add(chunked("LF behind the data", "2\r\nab\n0\r\n\r\n"));
        all.add(chunked("CR behind the data", "2\r\nab\r0\r\n\r\n"));
        all.add(chunked("two letters behind the data", "2\r\nabxx0\r\n\r\n"));
        all.add(chunked("more data than said", "2\r\nabcd\r\n0\r\n\r\n"));
        all.add(chunked("less data than said", "4\r\nab\r\n0\r\n\r\n"));
        all.add(chunked("LF behind the last size", "2\r\nab\r\n0\n\r\n"));
        all.add(chunked("LF at the end", "2\r\nab\r\n0\r\n\n"));
        all.add(chunked("LF twice at the end", "2\r\nab\r\n0\n\n"));
        all.add(chunked("CR at the end", "2\r\nab\r\n0\r\n\r"));
        all.add(chunked("no end", "2\r\nab\r\n0\r\n"));
        all.add(chunked("a last size of several zeros", "2\r\nab\r\n000\r\n\r\n"));
        all.add(chunked("an extension of the last size", "2\r\nab\r\n0;x=y\r\n\r\n"));
        return all;
    }

    private static List<Attack> trailers() {
        var all = new ArrayList<Attack>();
        for (var trailer : List.of(
                "content-length: 5",
                "transfer-encoding: chunked",
                "host: other.test",
                "connection: close",
                "x-forwarded-client-cert: By=forged",
                ":path: /other",
                "x a: b",
                "x-a : b",
                "x-a: b\r\n c",
                "x-a: b\u0000c",
                "x-a: b\nx-b: c",
                "x-a: b\rc",
                "x-a",
                ": b",
                "GET /other HTTP/1.1")) {
            all.add(chunked("trailer \"" + trailer + "\"", "2\r\nab\r\n0\r\n" + trailer + "\r\n\r\n"));
        }
        all.add(chunked("a trailer that is too large", "2\r\nab\r\n0\r\nx-a: " + "a".repeat(62_000) + "\r\n\r\n"));
        all.add(chunked("too many trailers", "2\r\nab\r\n0\r\n" + "x-a: b\r\n".repeat(101) + "\r\n"));
        return all;
    }
}
