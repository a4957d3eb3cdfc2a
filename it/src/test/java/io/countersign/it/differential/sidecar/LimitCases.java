// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.sidecar;

import static io.countersign.it.differential.sidecar.HttpCase.Look.CONNECTION_LOG;
import static io.countersign.it.differential.sidecar.HttpCase.Look.LISTEN;
import static io.countersign.it.differential.sidecar.HttpCase.Look.NO_LOG;

import io.countersign.it.differential.Answer;
import io.countersign.it.process.Await;
import java.io.IOException;
import java.net.ConnectException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import javax.net.ssl.SSLContext;

/** Limits of clusters and connections that are reached, endpoints that are unwell, and what is left out of a log. */
// where lines end is what HTTP is about
@SuppressWarnings("StringConcatToTextBlock")
final class LimitCases {
    private static final String HOST = " HTTP/1.1\nhost: app.test\n";
    private static final String GET = "GET /least" + HOST + "\n";
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final Pair limited;
    private final SSLContext frontend;
    private final int program;

    private LimitCases(Ground ground, Pair limited, Upstreams upstreams) {
        this.limited = limited;
        this.frontend = ground.mint(Ground.FRONTEND).context();
        this.program = upstreams.plain().port();
    }

    /** The last of them closes the ports. */
    static List<Case> all(Ground ground, Pair limited, Upstreams upstreams) {
        var cases = new LimitCases(ground, limited, upstreams);
        return List.of(
                cases.on("one request more than may be active", cases::fullOfRequests),
                cases.on("a request that waits for the only connection", cases::waiting),
                cases.on("one request more than may wait", cases::fullOfWaiting),
                cases.on(
                        "an endpoint that is unwell beside one that is well",
                        sidecar -> asked(sidecar, "checked", 1, 8)),
                cases.on("nobody well, and all are used then", sidecar -> asked(sidecar, "unwell", 0, 2)),
                cases.on("nobody well, and nobody is used then", sidecar -> asked(sidecar, "strict", 0, 2)),
                cases.on("the endpoint with the fewest requests", sidecar -> asked(sidecar, "least", 1, 2)),
                cases.on("an answer that is larger than the buffers", LimitCases::large),
                cases.on("a log of some lines", LimitCases::filtered),
                cases.on("a connection that has lived long enough", LimitCases::shortLived),
                cases.secure("TLS 1.3 where it is the least", "tls13", "TLSv1.3"),
                cases.refused("TLS 1.2 where 1.3 is the least", "tls13", "TLSv1.2"),
                cases.secure("the suite that the file names", "suite", "TLSv1.2"),
                cases.refused("TLS 1.3 where 1.2 is the most", "suite", "TLSv1.3"),
                cases.secure("an old suite that the file names", "old-suite", "TLSv1.2"),
                cases.on("listeners drained", LimitCases::drained));
    }

    private Case on(String name, Pair.Question question) {
        return Case.of("limits: " + name, main -> question.ask(limited.of(main.side())));
    }

    private Case secure(String name, String listener, String protocol) {
        return on(
                name,
                HttpCase.secure(name, listener, frontend, GET).over(protocol).look(CONNECTION_LOG));
    }

    private Case refused(String name, String listener, String protocol) {
        return on(
                name,
                HttpCase.secure(name, listener, frontend, GET).over(protocol).look(LISTEN, NO_LOG, CONNECTION_LOG));
    }

    private Answer fullOfRequests(Running sidecar) throws IOException {
        try (var _ = hold(sidecar, "requests")) {
            return asked(sidecar, "requests", "");
        }
    }

    private Answer waiting(Running sidecar) throws IOException {
        try (var waiting = Client.plain(sidecar.port("limits"))) {
            try (var _ = hold(sidecar, "connections")) {
                waiting.send("GET /connections" + HOST + "\n");
                Admin.awaitCount(sidecar, "cluster.connections.upstream_cx_overflow", "[1-9][0-9]*");
            }
            return waiting.answer(false).with("log", sidecar.nextLine("limits"));
        }
    }

    private Answer fullOfWaiting(Running sidecar) throws IOException {
        try (var _ = hold(sidecar, "pending");
                var waiting = Client.plain(sidecar.port("held"))) {
            waiting.send("GET /pending" + HOST + "\n");
            Admin.awaitCount(sidecar, "cluster.pending.upstream_cx_overflow", "[1-9][0-9]*");
            return asked(sidecar, "pending", "");
        }
    }

    /** A request that has reached the program and is not answered; closing it gives up its place. */
    private Client hold(Running sidecar, String cluster) throws IOException {
        var client = Client.plain(sidecar.port("held"));
        client.send("GET /" + cluster + HOST + "x-do: hang\n\n");
        var active = cluster + "::127.0.0.1:" + program + "::rq_active::1";
        Await.until(
                PATIENCE,
                "nothing reaches the program of " + cluster,
                () -> sidecar.get("/clusters").contains(active));
        return client;
    }

    private static Answer asked(Running sidecar, String cluster, String headers) throws IOException {
        try (var client = Client.plain(sidecar.port("limits"))) {
            client.send("GET /" + cluster + HOST + headers + "\n");
            return client.answer(false).with("log", sidecar.nextLine("limits"));
        }
    }

    /** @param well how many of its endpoints are */
    private static Answer asked(Running sidecar, String cluster, int well, int times) throws IOException {
        Admin.awaitCount(sidecar, "cluster." + cluster + ".membership_healthy", String.valueOf(well));
        var answer = Answer.empty();
        for (int i = 1; i <= times; i++) {
            answer = answer.with(String.valueOf(i), asked(sidecar, cluster, ""));
        }
        return answer;
    }

    private static Answer large(Running sidecar) throws IOException {
        return asked(sidecar, "least", "x-do: large\n");
    }

    /** Each log's lines, of which the last request has one in every log. */
    private static Answer filtered(Running sidecar) throws IOException {
        try (var client = Client.plain(sidecar.port("filtered"))) {
            for (var request : List.of(
                    "/least/1" + HOST,
                    "/nothing/2" + HOST,
                    "/least/3" + HOST + "x-probe: yes\n",
                    "/nothing/4" + HOST + "x-probe: yes\n",
                    "/refused/5" + HOST,
                    "/nothing/6" + HOST + "x-probe: yes\n")) {
                client.send("GET " + request + "\n");
                client.answer(false);
            }
        }
        var answer = Answer.empty();
        for (var log : new TreeMap<>(Map.of("status", 4, "header", 3, "flags", 3, "and", 2, "or", 4)).entrySet()) {
            var lines = new ArrayList<String>();
            IntStream.range(0, log.getValue()).forEach(i -> lines.add(sidecar.nextLine("filtered-" + log.getKey())));
            answer = answer.with(log.getKey(), String.join("; ", lines));
        }
        return answer;
    }

    /** How soon it is closed after its last answer is each side's own: Envoy leaves that to the client for a second. */
    private static Answer shortLived(Running sidecar) throws IOException {
        try (var client = Client.plain(sidecar.port("short-lived"))) {
            client.send(GET);
            var answer = Answer.empty().with("first", client.answer(false)).with("then", client.afterwards());
            client.send(GET);
            return answer.with("second", client.answer(false));
        }
    }

    /** Whether the open connection is told to end is each side's own: ours tells it at once. */
    private static Answer drained(Running sidecar) throws IOException {
        try (var open = Client.plain(sidecar.port("limits"));
                var admin = Client.plain(sidecar.port("admin"))) {
            open.send(GET);
            var before = status(open);
            admin.send("POST /drain_listeners HTTP/1.1\nhost: admin\n\n");
            var said = admin.page(false, text -> text);
            Await.until(PATIENCE, "the port stays open", () -> isRefused(sidecar.port("limits")));
            open.send(GET);
            return Answer.empty().with("before", before).with("said", said).with("after", status(open));
        }
    }

    private static String status(Client client) {
        return client.answer(false).fields().getOrDefault("status", "no answer");
    }

    private static boolean isRefused(int port) throws IOException {
        try (var _ = Client.plain(port)) {
            return false;
        } catch (ConnectException e) {
            return true;
        }
    }
}
