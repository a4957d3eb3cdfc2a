// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.sidecar;

import static io.countersign.it.differential.sidecar.HttpCase.Look.AFTERWARDS;
import static io.countersign.it.differential.sidecar.HttpCase.Look.NO_LOG;
import static io.countersign.it.differential.sidecar.HttpCase.Look.STATUS;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Plain HTTP/1.1 in and out: what becomes of requests that are usual, odd or broken. */
// where lines end is what these are about
@SuppressWarnings("StringConcatToTextBlock")
final class HttpCases {
    private static final String HOST = " HTTP/1.1\nhost: app.test\n";

    private HttpCases() {}

    static List<Case> all() {
        var cases = new ArrayList<Case>();
        cases.addAll(requests());
        cases.addAll(framing());
        cases.addAll(broken());
        cases.addAll(routes());
        cases.addAll(paths());
        cases.addAll(settings());
        return cases;
    }

    /** Comes after all others, as it spoils Envoy's connection to the upstream. */
    static List<Case> last() {
        return List.of(HttpCase.plain("bare: 101 that nobody asked for", "bare", "GET /" + HOST + "x-do: 101\n\n")
                .look(STATUS));
    }

    private static HttpCase plain(String name, String... requests) {
        return HttpCase.plain("HTTP: " + name, "plain", requests);
    }

    private static List<Case> requests() {
        return List.of(
                plain("GET", "GET /" + HOST + "\n").look(AFTERWARDS),
                plain("GET, then another", "GET /1" + HOST + "\n", "GET /2" + HOST + "\n"),
                plain("GET that asks to close", "GET /" + HOST + "connection: close\n\n")
                        .look(AFTERWARDS),
                plain("GET with connection: keep-alive", "GET /" + HOST + "Connection: Keep-Alive\nKeep-Alive: 5\n\n"),
                plain(
                        "headers that belong to the connection",
                        "GET /" + HOST + "connection: x-secret, te\nx-secret: 1\nte: trailers, gzip\n"
                                + "proxy-connection: keep-alive\nupgrade-insecure-requests: 1\n\n"),
                plain("header names in capitals, twice", "GET /" + HOST + "X-Twice: a\nX-TWICE: b\nx-empty:\n\n"),
                plain(
                        "headers that steer Envoy",
                        "GET /" + HOST + "x-envoy-max-retries: 3\nx-envoy-retry-on: 5xx\n"
                                + "x-envoy-upstream-rq-timeout-ms: 1\nx-envoy-internal: true\n"
                                + "x-envoy-expected-rq-timeout-ms: 5\n"
                                + "x-envoy-decorator-operation: a\nx-envoy-anything: b\nx-envoy-attempt-count: 7\n"
                                + "x-envoy-upstream-alt-stat-name: z\n\n"),
                plain(
                        "headers about the way here",
                        "GET /" + HOST + "x-forwarded-for: 1.2.3.4\nx-forwarded-proto: https\n"
                                + "x-request-id: mine\nvia: 1.1 before\nforwarded: for=1.2.3.4\n\n"),
                plain("a path that the log should show instead", "GET /" + HOST + "x-envoy-original-path: /x\n\n"),
                plain(
                                "a connection header that names x-forwarded-for",
                                "GET /" + HOST + "connection: x-forwarded-for\n\n")
                        .look(AFTERWARDS),
                plain("DELETE without a length", "DELETE /" + HOST + "\n"),
                plain("OPTIONS without a length", "OPTIONS /" + HOST + "\n"),
                plain("x-forwarded-proto that is none", "GET /" + HOST + "x-forwarded-proto: gopher\n\n"),
                plain("HEAD", "HEAD /" + HOST + "x-do: head\n\n").look(AFTERWARDS),
                plain("POST", "POST /" + HOST + "content-length: 4\n\nbody").look(AFTERWARDS),
                plain("POST in chunks", "POST /" + HOST + "transfer-encoding: chunked\n\n2\nbo\n2\ndy\n0\n\n"),
                plain(
                        "POST in chunks with trailers",
                        "POST /" + HOST + "transfer-encoding: chunked\ntrailer: x-sum\n\n2\nbo\n0\nx-sum: 1\n\n"),
                plain("POST with an empty body", "POST /" + HOST + "content-length: 0\n\n"),
                plain("POST without a length", "POST /" + HOST + "\n"),
                plain("GET with a body", "GET /" + HOST + "content-length: 2\n\nab"),
                plain("POST that expects 100", "POST /" + HOST + "expect: 100-continue\ncontent-length: 4\n\nbody"),
                plain("POST that expects something else", "POST /" + HOST + "expect: tea\ncontent-length: 4\n\nbody"),
                plain("OPTIONS *", "OPTIONS *" + HOST + "\n"),
                plain("PATCH", "PATCH /" + HOST + "content-length: 2\n\n{}"),
                plain("a method of its own", "BREW /pot" + HOST + "\n"),
                plain("absolute form", "GET http://other.test:81/a?b HTTP/1.1\nhost: app.test\n\n"),
                plain("absolute form without a path", "GET http://other.test HTTP/1.1\nhost: app.test\n\n"),
                plain("absolute form with https", "GET https://other.test/ HTTP/1.1\nhost: app.test\n\n"),
                plain("host with a port", "GET / HTTP/1.1\nHost: App.Test:8080\n\n"),
                plain("a fragment in the path", "GET /a?b#c" + HOST + "\n"),
                plain("HTTP/1.0", "GET / HTTP/1.0\nhost: app.test\n\n").look(AFTERWARDS),
                plain("HTTP/1.0 without a host", "GET / HTTP/1.0\n\n").look(AFTERWARDS),
                plain("WebSocket", "GET /" + HOST + "connection: upgrade\nupgrade: websocket\n\n")
                        .look(AFTERWARDS),
                plain(
                        "upgrade to h2c",
                        "GET /" + HOST
                                + "connection: upgrade, http2-settings\nupgrade: h2c\nhttp2-settings: AAMAAABk\n\n"),
                plain("CONNECT", "CONNECT other.test:443 HTTP/1.1\nhost: other.test:443\n\n")
                        .look(AFTERWARDS),
                plain("pipelined", "GET /1" + HOST + "\nGET /2" + HOST + "\n", ""));
    }

    private static HttpCase answered(String name, String what) {
        return HttpCase.plain("answer: " + name, "plain", "GET /" + HOST + "x-do: " + what + "\n\n")
                .look(AFTERWARDS);
    }

    private static HttpCase answers(String... statuses) {
        var requests = Stream.of(statuses)
                .map(status -> "GET /" + HOST + "x-do: " + status + "\n\n")
                .toArray(String[]::new);
        return HttpCase.plain("answers: " + String.join(", ", statuses), "plain", requests);
    }

    private static List<Case> framing() {
        return List.of(
                answered("in chunks", "chunked"),
                answered("with trailers", "trailers"),
                answered("that ends with the connection", "until-close"),
                answered("HTTP/1.0", "http10"),
                answered("that closes the connection", "close-header"),
                answered("with many headers", "headers"),
                answered("204", "204"),
                answered("204 with a length", "204-length"),
                answered("304", "304"),
                answered("304 with a length", "304-length"),
                answered("500", "500"),
                answered("599", "599"),
                answers("201", "202", "206", "301", "302", "307", "400", "401", "403", "404", "405", "408", "409"),
                answers(
                        "413", "414", "416", "418", "421", "422", "425", "429", "431", "451", "499", "502", "504",
                        "508"),
                answered("early hints", "hints"),
                answered("100 that nobody asked for", "continue"),
                answered("large", "large"),
                answered("of gRPC", "grpc"),
                answered("closed before it", "close"),
                answered("reset before it", "reset"),
                answered("that is no HTTP", "garbage"),
                answered("cut off", "half"),
                answered("cut off in chunks", "half-chunked"),
                answered("reset in the middle", "half-reset"),
                answered("with two lengths", "two-lengths"),
                answered("with length and chunks", "length-and-chunks"),
                answered("with a head that is too large", "large-head"));
    }

    private static HttpCase broken(String name, String request) {
        return HttpCase.plain("broken: " + name, "plain", request).look(AFTERWARDS);
    }

    private static List<Case> broken() {
        return List.of(
                broken("no host", "GET / HTTP/1.1\n\n"),
                broken("two hosts", "GET / HTTP/1.1\nhost: a.test\nhost: b.test\n\n")
                        .look(STATUS),
                broken("an empty host", "GET / HTTP/1.1\nhost:\n\n"),
                broken("no HTTP", "hello\n\n"),
                broken("no version", "GET /\n\n").look(STATUS),
                broken("an unknown version", "GET / HTTP/3.7\nhost: a\n\n"),
                broken("a space in the path", "GET /a b HTTP/1.1\nhost: a\n\n"),
                broken("no path", "GET  HTTP/1.1\nhost: a\n\n"),
                broken("a path without slash", "GET path HTTP/1.1\nhost: a\n\n"),
                broken("a space before the colon", "GET / HTTP/1.1\nhost: a\nx-a : b\n\n"),
                broken("a folded line", "GET / HTTP/1.1\nhost: a\nx-a: b\n  c\n\n"),
                broken("a header without colon", "GET / HTTP/1.1\nhost: a\nx-a\n\n"),
                broken("a NUL in a header", "GET / HTTP/1.1\nhost: a\nx-a: b\0c\n\n"),
                broken("a name with odd letters", "GET / HTTP/1.1\nhost: a\nx(a): b\n\n"),
                broken("two equal lengths", "POST / HTTP/1.1\nhost: a\ncontent-length: 2\ncontent-length: 2\n\nab"),
                broken("two lengths", "POST / HTTP/1.1\nhost: a\ncontent-length: 2\ncontent-length: 3\n\nabc"),
                broken("a length that is none", "POST / HTTP/1.1\nhost: a\ncontent-length: 2x\n\nab"),
                broken("a negative length", "POST / HTTP/1.1\nhost: a\ncontent-length: -2\n\nab"),
                broken(
                        "length and chunks",
                        "POST / HTTP/1.1\nhost: a\ncontent-length: 2\ntransfer-encoding: chunked\n\n2\nab\n0\n\n"),
                broken("chunks that are none", "POST / HTTP/1.1\nhost: a\ntransfer-encoding: chunked\n\nzz\nab\n0\n\n"),
                broken("an unknown coding", "POST / HTTP/1.1\nhost: a\ntransfer-encoding: gzip\n\nab"),
                broken("a header that is too large", "GET / HTTP/1.1\nhost: a\nx-a: " + "a".repeat(62_000) + "\n\n"),
                broken("a path that is too large", "GET /" + "a".repeat(62_000) + " HTTP/1.1\nhost: a\n\n"),
                broken("too many headers", "GET / HTTP/1.1\nhost: a\n" + "x-a: b\n".repeat(101) + "\n"));
    }

    private static HttpCase get(String name, String path, String headers) {
        return HttpCase.plain("route: " + name, "plain", "GET " + path + HOST + headers + "\n");
    }

    private static HttpCase host(String host) {
        return HttpCase.plain("route: host " + host, "hosts", "GET / HTTP/1.1\nhost: " + host + "\n\n");
    }

    private static List<Case> routes() {
        return List.of(
                get("connection refused", "/refused", "").look(AFTERWARDS),
                HttpCase.plain(
                                "route: connection refused, POST",
                                "plain",
                                "POST /refused" + HOST + "content-length: 4\n\nbody")
                        .look(AFTERWARDS),
                HttpCase.plain(
                        "route: connection refused, gRPC",
                        "plain",
                        "POST /refused" + HOST + "content-type: application/grpc\ncontent-length: 0\n\n"),
                HttpCase.plain("route: connection refused, HEAD", "plain", "HEAD /refused" + HOST + "\n"),
                get("no endpoint", "/nobody", ""),
                get("no answer in time", "/short", "x-do: hang\n").look(AFTERWARDS),
                get("half an answer in time", "/short", "x-do: half-hang\n").look(AFTERWARDS),
                get("no time limit", "/endless", ""),
                get("rewritten", "/rewritten/a?b", ""),
                get("direct answer by path", "/exact", ""),
                get("direct answer by path with query", "/exact?a", ""),
                get("direct answer without body", "/empty", ""),
                get("regular expression", "/re/17", ""),
                get("regular expression that matches a part", "/re/17a", ""),
                get("letters folded", "/FOLDED", ""),
                get("by header", "/by-header", "x-kind: good\n"),
                get("by header that is missing", "/by-header", ""),
                get("by another header", "/by-header", "x-kind: bad\n"),
                get(
                        "headers changed",
                        "/changed?a",
                        "x-a: mine\nx-b: mine\nx-c: mine\nx-d: mine\nx-gone: mine\nx-nothing: mine\n"),
                get("headers changed, none there", "/changed", ""),
                get("headers changed, refused upstream", "/changed", "x-do: close\n"),
                host("one.test"),
                host("ONE.test:8080"),
                host("a.two.test"),
                host("two.test"),
                host("three.anything"),
                host("nobody.test").look(AFTERWARDS));
    }

    private static HttpCase careful(String path) {
        return HttpCase.plain("path made normal: " + path, "careful", "GET " + path + HOST + "\n");
    }

    private static HttpCase naive(String path) {
        return HttpCase.plain("path as it is: " + path, "naive", "GET " + path + HOST + "\n");
    }

    private static List<Case> paths() {
        return List.of(
                careful("/a/../secret"),
                careful("/a//b/./c/"),
                careful("//secret"),
                careful("/%73ecret"),
                careful("/a%2f..%2fsecret"),
                careful("/a\\..\\secret"),
                careful("/a/%2e%2e/secret?x=/../y"),
                careful("/../.."),
                careful("/a%zz").look(STATUS),
                careful("/a%00b"),
                careful("/%E4%c3%a4~%7e"),
                careful("/a?debug=1"),
                careful("/a/..?q//r"),
                HttpCase.plain("path made normal: denied header", "careful", "GET /" + HOST + "x-bad: 1\n\n"),
                naive("/profiles/../balances"),
                naive("/profiles?a"),
                naive("//profiles"),
                naive("/%70rofiles"),
                HttpCase.plain("path as it is: POST", "naive", "POST /other" + HOST + "content-length: 0\n\n"));
    }

    private static List<Case> settings() {
        var get = "GET /" + HOST;
        return List.of(
                HttpCase.plain("edge: address of the client", "edge", get + "\n"),
                HttpCase.plain(
                        "edge: claims of the client",
                        "edge",
                        get + "x-forwarded-for: 1.2.3.4\nx-forwarded-proto: https\nx-request-id: mine\n"
                                + "x-envoy-internal: true\nx-envoy-external-address: 9.9.9.9\n\n"),
                HttpCase.plain("edge: broken request", "edge", "hello\n\n"),
                HttpCase.plain("bare: no headers of Envoy's", "bare", get + "\n"),
                HttpCase.plain("bare: text log without a reason", "bare", get + "x-do: close\n\n"),
                HttpCase.plain("quick: header above 8 KB", "quick", get + "x-a: " + "a".repeat(9000) + "\n\n")
                        .look(AFTERWARDS),
                HttpCase.plain("quick: idle stream", "quick", get + "x-do: hang\n\n"),
                HttpCase.plain("quick: idle stream in the middle", "quick", get + "x-do: half-hang\n\n")
                        .look(AFTERWARDS),
                HttpCase.plain("quick: body that does not come", "quick", "POST /" + HOST + "content-length: 9\n\nb")
                        .look(AFTERWARDS),
                HttpCase.plain("quick: nothing comes", "quick", "").look(AFTERWARDS, NO_LOG),
                HttpCase.plain("quick: head that does not come", "quick", "GET / HTTP/1.1\nhost:")
                        .look(AFTERWARDS, NO_LOG, STATUS));
    }
}
