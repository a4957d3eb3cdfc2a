// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.sidecar;

import io.countersign.it.differential.Answer;
import io.countersign.it.differential.sidecar.Authority.Leaf;
import java.io.IOException;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;

/** What rules of connections and of requests go by, and whom a client has asked for. */
final class RuleCases {
    private static final Pattern COUNTED = Pattern.compile("net-[a-z]+\\.rbac\\..*|http\\.ruled\\.rbac\\..*");

    private final Ground ground;
    private final Ruled ruled;
    private final SSLContext frontend;
    private final SSLContext other;

    private RuleCases(Ground ground, Ruled ruled) {
        this.ground = ground;
        this.ruled = ruled;
        frontend = ground.mint(Ground.FRONTEND).context();
        other = ground.mint("spiffe://example.org/other").context();
    }

    static List<Case> all(Ground ground, Ruled ruled) {
        var cases = new RuleCases(ground, ruled);
        return Stream.of(
                        cases.plainValidation(),
                        cases.connections(),
                        cases.permissions(),
                        cases.principals(),
                        cases.serverNames(),
                        List.of(cases.counted()))
                .flatMap(List::stream)
                .toList();
    }

    private Case on(String name, Pair.Question question) {
        return Case.of(name, main -> question.ask(ruled.of(main.side()).sidecar()));
    }

    private static String get(String path, String... headers) {
        return "GET " + path + " HTTP/1.1\nhost: app.test\n" + String.join("", headers) + "\n";
    }

    /** The agent has been asked for authorities without the rules of SPIFFE. */
    private List<Case> plainValidation() {
        return List.of(
                on("plain validation: an ID", Visit.secure("uninspected", frontend, get("/secured"))),
                on(
                        "plain validation: no certificate",
                        Visit.secure("uninspected", Credential.anonymous(), get("/secured"))),
                on(
                        "plain validation: a DNS name only",
                        Visit.secure(
                                "uninspected",
                                ground.own.issue(Leaf.of("a.test")).context(),
                                get("/secured"))),
                on(
                        "mTLS refused: plain validation, a foreign authority",
                        Visit.secure(
                                "uninspected",
                                ground.stranger.issue(Leaf.of(Ground.FRONTEND)).context(),
                                "")));
    }

    private List<Case> connections() {
        return List.of(
                on("network rules: bytes, allowed", sidecar -> talk(sidecar, frontend)),
                on("network rules: bytes, denied", sidecar -> talk(sidecar, other)),
                on("network rules: HTTP, allowed", Visit.secure("net-http", frontend, get("/"))),
                on("network rules: HTTP, denied", Visit.secure("net-http", other, get("/"))),
                on(
                        "network rules: HTTP, denied without certificate",
                        Visit.secure("net-http", Credential.anonymous(), get("/"))),
                on("network rules: on trial, allowed", Visit.secure("net-shadow", frontend, get("/"))),
                on("network rules: on trial, would be denied", Visit.secure("net-shadow", other, get("/"))),
                on("network rules: server's name, allowed", asking("net-named", "a.test", "/")),
                on("network rules: server's name, denied", asking("net-named", "b.test", "/")));
    }

    /** What the server says first, and what it says back. */
    private static Answer talk(Running sidecar, SSLContext who) throws IOException {
        var answer = Answer.empty();
        try (var client = Client.secure(sidecar.port("net-tcp"), who)) {
            answer = answer.with("greeting", client.read("hello\n".length()));
            client.send("a\nbye\n");
            answer = answer.with("then", client.readToTheEnd());
        } catch (IOException e) {
            answer = answer.with("then", Client.words(e));
        }
        return Visit.logged(answer, sidecar);
    }

    private Visit asking(String listener, String serverName, String path) {
        return new Visit(listener, port -> Client.asking(port, frontend, serverName), get(path));
    }

    private Case plain(String name, String path, String... headers) {
        return on("rules: " + name, Visit.plain("plain", get(path, headers)));
    }

    private List<Case> permissions() {
        return List.of(
                plain("one of several, the first", "/either?a"),
                plain("one of several, the second", "/other", "x-either: 1\n"),
                plain("one of several, none", "/other", "x-either: 2\n"),
                plain("port of the listener", "/port"),
                on("rules: another port", Visit.secure("uninspected", frontend, get("/port"))));
    }

    private List<Case> principals() {
        return List.of(
                plain("one of several IDs, a header", "/ids", "x-user: ann\n"),
                plain("one of several IDs, none", "/ids", "x-user: bob\n"),
                on("rules: one of several IDs, the peer's", Visit.secure("uninspected", frontend, get("/ids"))),
                on("rules: one of several IDs, another peer's", Visit.secure("uninspected", other, get("/ids"))),
                plain("address in a network", "/near"),
                plain("address in no network", "/far"),
                plain("address of the connection", "/direct", "x-forwarded-for: 10.1.2.3\n"),
                plain("address that is claimed", "/far", "x-forwarded-for: 127.0.0.2\n"),
                plain("header", "/header", "x-user: anton\n"),
                plain("another header", "/header", "x-user: bob\n"),
                plain("no header", "/header"),
                plain("page", "/page/1?a", "x-page: 1\n"),
                plain("another page", "/pag", "x-page: 1\n"),
                plain("anybody over TLS, who is not", "/secured"),
                on(
                        "rules: anybody over TLS, without certificate",
                        Visit.secure("inspected", Credential.anonymous(), get("/secured"))));
    }

    private List<Case> serverNames() {
        return List.of(
                named("inspected, the right name", "inspected", "a.test", "/named"),
                named("inspected, in capitals", "inspected", "A.Test", "/named"),
                named("inspected, another name", "inspected", "b.test", "/named"),
                named("inspected, no name", "inspected", "", "/named"),
                named("inspected, a name that may not be", "inspected", "a.test", "/not-named"),
                named("inspected, no name where some may not be", "inspected", "", "/not-named"),
                named("not inspected", "uninspected", "a.test", "/named"),
                named("not inspected, a name that may not be", "uninspected", "A.Test", "/not-named"),
                on("server's name: inspected and passed on", sidecar -> {
                    var visit = new Visit("passed", port -> Client.asking(port, frontend, "A.Test"), get("/"));
                    return visit.ask(sidecar);
                }),
                on(
                        "mTLS refused: inspected",
                        new Visit(
                                "inspected",
                                port -> Client.asking(
                                        port,
                                        ground.stranger
                                                .issue(Leaf.of(Ground.FRONTEND))
                                                .context(),
                                        "a.test"),
                                "")));
    }

    /** With what the service is told. */
    private Case named(String name, String listener, String serverName, String path) {
        return Case.of("server's name: " + name, main -> {
            var guarded = ruled.of(main.side());
            guarded.authorizer().asked();
            var answer = asking(listener, serverName, path).ask(guarded.sidecar());
            var told = guarded.authorizer().asked().stream()
                    .map(request -> request.getAttributes().getTlsSession().getSni())
                    .toList();
            return answer.with("told", told);
        });
    }

    /** Comes last, when all cases have counted. */
    private Case counted() {
        return on("rules: counters", sidecar -> {
            var answer = Answer.empty();
            for (var line : (Iterable<String>) sidecar.get("/stats").lines()::iterator) {
                var parts = line.split(": ", 2);
                // Envoy makes counters before they count
                if (COUNTED.matcher(parts[0]).matches() && !parts[1].equals("0")) {
                    answer = answer.with(parts[0], parts[1]);
                }
            }
            return answer;
        });
    }
}
