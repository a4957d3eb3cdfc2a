// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.sidecar;

import static io.countersign.it.differential.sidecar.HttpCase.Look.AFTERWARDS;

import io.countersign.it.differential.Answer;
import io.countersign.sdsapi.auth.AttributeContext;
import io.countersign.sdsapi.auth.CheckRequest;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;

/** Requests that a service is asked about: what it is told, and what becomes of them. */
// where lines end is what these are about
@SuppressWarnings("StringConcatToTextBlock")
final class AuthorizationCases {
    private static final String HOST = " HTTP/1.1\nhost: app.test\n";
    private static final Pattern COUNTED =
            Pattern.compile("http\\.authz.*\\.ext_authz\\..*|cluster\\.upstream\\.ext_authz\\..*"
                    + "|cluster\\.upstream\\.upstream_rq_4.*");

    private final Filters filters;
    private final SSLContext frontend;
    private final SSLContext named;

    private AuthorizationCases(Ground ground, Filters filters) {
        this.filters = filters;
        frontend = ground.mint(Ground.FRONTEND).context();
        named = ground.own.issue(Authority.Leaf.of(Ground.FRONTEND, "a.test")).context();
    }

    static List<Case> all(Ground ground, Filters filters) {
        var cases = new AuthorizationCases(ground, filters);
        return Stream.of(cases.told(), cases.granted(), cases.denied(), cases.silent(), List.of(cases.counted()))
                .flatMap(List::stream)
                .toList();
    }

    private Case secure(String name, String... requests) {
        return asked(HttpCase.secure("authorization: " + name, "authz", frontend, requests)
                .look(AFTERWARDS));
    }

    private Case plain(String name, String... requests) {
        return asked(HttpCase.plain("authorization: " + name, "authz-plain", requests)
                .look(AFTERWARDS));
    }

    /** The same of the sidecar that has the filters, and what its service was told. */
    private Case asked(HttpCase whole) {
        return Case.of(whole.name(), main -> {
            var guarded = filters.of(main.side());
            guarded.authorizer().asked();
            var answer = whole.ask(guarded.sidecar());
            var told = guarded.authorizer().asked();
            answer = answer.with("told.times", told.size());
            for (int i = 0; i < told.size(); i++) {
                answer = answer.with("told." + i, told(told.get(i)));
            }
            return answer;
        });
    }

    private List<Case> told() {
        return List.of(
                secure("GET", "GET /a?b=c" + HOST + "x-twice: a\nX-Twice: b\nuser-agent: tester\n\n"),
                asked(HttpCase.secure("authorization: more names", "authz", named, "GET /" + HOST + "\n")),
                secure("XFCC of the client's own", "GET /" + HOST + "x-forwarded-client-cert: URI=spiffe://forged\n\n"),
                secure("HEAD", "HEAD /" + HOST + "\n"),
                secure("short body", "POST /" + HOST + "content-length: 4\n\nbody"),
                secure("body of just that length", "POST /" + HOST + "content-length: 16\n\n0123456789abcdef"),
                secure("longer body", "POST /" + HOST + "content-length: 20\n\n0123456789abcdefghij"),
                secure("body in chunks", "POST /" + HOST + "transfer-encoding: chunked\n\n4\nbody\n0\n\n"),
                secure("empty body in chunks", "POST /" + HOST + "transfer-encoding: chunked\n\n0\n\n"),
                secure("no body, but a length", "POST /" + HOST + "content-length: 0\n\n"),
                secure("body that is no text", "POST /" + HOST + "content-length: 4\n\na\u00ff\u00c3b"),
                secure("header that is no text", "GET /" + HOST + "x-odd: a\u00ff\u00c3b\n\n"),
                secure("header that is text of another tongue", "GET /" + HOST + "x-odd: \u00c3\u00a4\n\n"),
                secure("mark of a partial body by the client", "GET /" + HOST + "x-envoy-auth-partial-body: true\n\n"),
                secure("leave to send the body", "POST /" + HOST + "expect: 100-continue\ncontent-length: 4\n\nbody"),
                secure("route that says more", "GET /extended" + HOST + "\n"),
                secure("route that keeps the body", "POST /unread" + HOST + "content-length: 4\n\nbody"),
                secure("route that asks nobody", "GET /open" + HOST + "x-decide: deny\n\n"),
                secure("route that switches the filter off", "GET /off" + HOST + "x-decide: deny\n\n"),
                secure(
                        "who the client's program says it is",
                        "GET /" + HOST + "x-envoy-downstream-service-cluster: me\n\n"),
                secure("two requests", "POST /1" + HOST + "content-length: 2\n\nab", "GET /2" + HOST + "\n"),
                plain("GET over plain HTTP", "GET /a" + HOST + "\n"),
                plain("bytes", "POST /" + HOST + "content-length: 4\n\na\u00ff\u00c3b"),
                plain("body that just fits", "POST /" + HOST + "content-length: 16\n\n0123456789abcdef"),
                plain("body that is too long", "POST /" + HOST + "content-length: 17\n\n0123456789abcdefg"),
                plain(
                        "body that is too long, in chunks",
                        "POST /" + HOST + "transfer-encoding: chunked\n\n11\n0123456789abcdefg\n0\n\n"));
    }

    private List<Case> granted() {
        var cases = new ArrayList<Case>();
        for (var how : List.of("set", "twice", "join", "overwrite", "actions", "empty", "remove", "answer")) {
            cases.add(secure(
                    "granted, " + how,
                    "GET /routed" + HOST + "x-decide: " + how
                            + "\nx-user: mine\nx-user-0: a\nx-user-1: b\nx-user-2: c\n" + "x-user-3: d\n\n"));
        }
        cases.add(secure("granted, with a body", "POST /" + HOST + "x-decide: set\ncontent-length: 4\n\nbody"));
        cases.add(secure("granted, answered here", "GET /direct" + HOST + "x-decide: answer\n\n"));
        cases.add(secure("granted, answered here in another type", "GET /direct" + HOST + "x-decide: type\n\n"));
        cases.add(secure("granted, program is gone", "GET /" + HOST + "x-decide: answer\nx-do: close\n\n"));
        cases.add(plain("granted, another way", "GET /" + HOST + "x-decide: way\n\n"));
        cases.add(plain("granted, the same way", "GET /" + HOST + "x-decide: set\n\n"));
        cases.add(secure("granted, route is kept", "GET /" + HOST + "x-decide: way\n\n"));
        return cases;
    }

    private List<Case> denied() {
        var cases = new ArrayList<Case>();
        for (var how : List.of("deny", "deny-bare", "deny-401", "deny-json", "deny-302")) {
            cases.add(secure(how, "GET /routed" + HOST + "x-decide: " + how + "\n\n"));
            cases.add(secure(how + ", HEAD", "HEAD /" + HOST + "x-decide: " + how + "\n\n"));
            cases.add(secure(
                    how + ", gRPC",
                    "POST /a.B/C" + HOST + "content-type: application/grpc\nx-decide: " + how
                            + "\ncontent-length: 0\n\n"));
        }
        cases.add(secure("deny, with a body", "POST /" + HOST + "x-decide: deny\ncontent-length: 4\n\nbody"));
        cases.add(
                secure("deny, where nothing is", "CONNECT app.test:443 HTTP/1.1\nhost: app.test\nx-decide: deny\n\n"));
        return cases;
    }

    private List<Case> silent() {
        return List.of(
                secure("service fails", "GET /" + HOST + "x-decide: fail\n\n"),
                plain("service fails, other status", "GET /" + HOST + "x-decide: fail\n\n"),
                plain("service takes too long", "GET /" + HOST + "x-decide: never\n\n"),
                asked(HttpCase.plain("authorization: nobody there", "authz-lenient", "GET /" + HOST + "\n")
                        .look(AFTERWARDS)),
                asked(HttpCase.plain(
                                "authorization: nobody there, mark by the client",
                                "authz-lenient",
                                "GET /" + HOST + "x-envoy-auth-failure-mode-allowed: false\n\n")
                        .look(AFTERWARDS)));
    }

    /** Comes last, when all cases have counted. */
    private Case counted() {
        return Case.of("authorization: counters", main -> {
            var stats = filters.of(main.side()).sidecar().get("/stats");
            var answer = Answer.empty();
            for (var line : (Iterable<String>) stats.lines()::iterator) {
                var parts = line.split(": ", 2);
                // Envoy makes counters before they count
                if (COUNTED.matcher(parts[0]).matches() && !parts[1].equals("0")) {
                    answer = answer.with(parts[0], parts[1]);
                }
            }
            return answer;
        });
    }

    private static Answer told(CheckRequest request) {
        var told = request.getAttributes();
        var http = told.getRequest().getHttp();
        var answer = Answer.empty()
                .with("source", peer(told.getSource()))
                .with("destination", peer(told.getDestination()))
                .with("time", told.getRequest().getTime().getSeconds() > 1_700_000_000L)
                .with("id", http.getId().matches("[0-9]+"))
                .with("method", http.getMethod())
                .with("path", http.getPath())
                .with("host", http.getHost())
                .with("scheme", http.getScheme())
                .with("query", http.getQuery() + http.getFragment())
                .with("size", http.getSize())
                .with("protocol", http.getProtocol())
                .with("body", http.getBody())
                .with("raw body", http.getRawBody().toString(StandardCharsets.ISO_8859_1))
                .with("extensions", new TreeMap<>(told.getContextExtensionsMap()))
                .with("server name", told.getTlsSession().getSni())
                .with(
                        "unknown",
                        request.getUnknownFields().asMap().keySet() + " "
                                + http.getUnknownFields().asMap().keySet());
        for (var header : http.getHeadersMap().entrySet()) {
            answer = answer.with("header." + header.getKey(), Normal.header(header.getKey(), header.getValue()));
        }
        return answer;
    }

    private static Answer peer(AttributeContext.Peer peer) {
        var address = peer.getAddress().getSocketAddress();
        return Answer.empty()
                .with("address", address.getAddress())
                .with("port", address.getPortValue() > 0)
                .with("service", peer.getService())
                .with("labels", peer.getLabelsMap())
                .with("principal", peer.getPrincipal())
                .with("certificate", peer.getCertificate());
    }
}
