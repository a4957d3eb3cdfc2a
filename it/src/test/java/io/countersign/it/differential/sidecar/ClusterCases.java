// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.sidecar;

import static io.countersign.it.differential.sidecar.Routed.HOST;
import static io.countersign.it.differential.sidecar.Routed.asked;
import static io.countersign.it.differential.sidecar.Routed.counted;

import com.google.gson.JsonParser;
import io.countersign.it.differential.Answer;
import io.countersign.it.process.Await;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.stream.IntStream;

/** Clusters with names, pipes and several endpoints, endpoints that come and go, and limits that are reached. */
final class ClusterCases {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final int TURNS = 6;
    private static final int BY_CHANCE = 40;
    private static final int MANY = 400;

    private final Routed routed;

    private ClusterCases(Routed routed) {
        this.routed = routed;
    }

    static List<Case> all(Routed routed) {
        var cases = new ClusterCases(routed);
        return List.of(
                routed.on("cluster: endpoints with names by turns", ClusterCases::turns),
                routed.on("cluster: endpoints by chance", ClusterCases::chance),
                routed.on("cluster: the endpoint with fewer requests", cases::fewest),
                routed.on("cluster: first address of a name", sidecar -> asked(sidecar, "named", "")),
                routed.on("cluster: name that is looked up again", ClusterCases::refreshed),
                routed.on("cluster: pipe", sidecar -> asked(sidecar, "piped", "")),
                routed.on("cluster: pipe of bytes", ClusterCases::pipedBytes),
                routed.on("cluster: no room for a request again", sidecar -> unrepeated(sidecar, "unrepeated", "503")),
                routed.on("cluster: no room for a connection again", sidecar -> unrepeated(sidecar, "unconnected", "")),
                routed.on("cluster: one connection of bytes more than may be open", ClusterCases::full),
                routed.on("cluster: endpoint that comes and goes", ClusterCases::late),
                routed.on("cluster: bytes for an endpoint that is not there", ClusterCases::unheard));
    }

    /** The program that is asked first is any of the two. */
    private static Answer turns(Running sidecar) throws IOException {
        return asked(sidecar, "turns", "").with("order", order(hosts(sidecar, "turns", TURNS)));
    }

    /** Letters for programs, as they are met. */
    private static String order(List<String> hosts) {
        var met = new ArrayList<String>();
        var letters = new StringBuilder();
        for (var host : hosts) {
            if (!met.contains(host)) {
                met.add(host);
            }
            letters.append((char) ('a' + met.indexOf(host)));
        }
        return letters.toString();
    }

    private static List<String> hosts(Running sidecar, String cluster, int times) throws IOException {
        var hosts = new ArrayList<String>();
        try (var client = Client.plain(sidecar.port("clusters"))) {
            for (int i = 0; i < times; i++) {
                client.send("GET /" + cluster + HOST + "\n");
                client.answer(false);
                hosts.add(JsonParser.parseString(sidecar.nextLine("clusters"))
                        .getAsJsonObject()
                        .get("host")
                        .getAsString());
            }
        }
        return hosts;
    }

    private static Answer chance(Running sidecar) throws IOException {
        var hosts = hosts(sidecar, "chance", BY_CHANCE);
        boolean turns =
                IntStream.range(1, hosts.size()).noneMatch(i -> hosts.get(i).equals(hosts.get(i - 1)));
        return Answer.empty().with("programs", new HashSet<>(hosts).size()).with("by turns", turns);
    }

    /** With a request under way at one of two, chance leads three of four requests to the other; half of them would be no choice. */
    private Answer fewest(Running sidecar) throws IOException {
        try (var held = Client.plain(sidecar.port("unlogged"));
                var client = Client.plain(sidecar.port("unlogged"))) {
            held.send("GET /fewest" + HOST + "x-do: hang\n\n");
            Await.until(
                    PATIENCE,
                    "nothing reaches a program",
                    () -> active(sidecar, routed.first()) + active(sidecar, routed.second()) == 1);
            int idle = active(sidecar, routed.first()) == 0 ? routed.first() : routed.second();
            for (int i = 0; i < MANY; i++) {
                client.send("GET /fewest" + HOST + "\n");
                client.answer(false);
            }
            long preferred = Routed.number(Routed.endpoint(sidecar, "fewest", idle), "rq_total");
            return Answer.empty()
                    .with("more than chance", preferred > MANY * 5 / 8)
                    .with("all", preferred == MANY);
        }
    }

    private static long active(Running sidecar, int port) throws IOException {
        return Routed.number(Routed.endpoint(sidecar, "fewest", port), "rq_active");
    }

    private static Answer refreshed(Running sidecar) throws IOException {
        Admin.awaitCount(sidecar, "cluster.refreshed.update_success", "[2-9]|[1-9][0-9]+");
        return asked(sidecar, "refreshed", "");
    }

    private static Answer pipedBytes(Running sidecar) throws IOException {
        Answer answer;
        try (var client = Client.plain(sidecar.port("tcp-piped"))) {
            client.send("a\nbye\n");
            answer = Answer.empty().with("said", client.readToTheEnd());
        }
        return HttpCase.withLine(answer, "log", sidecar.nextLine("tcp-piped"));
    }

    private static Answer unheard(Running sidecar) throws IOException {
        awaitLate(sidecar, "no healthy upstream");
        Answer answer;
        try (var client = Client.plain(sidecar.port("tcp-late"))) {
            answer = Answer.empty().with("said", client.readToTheEnd());
        }
        return HttpCase.withLine(answer, "log", sidecar.nextLine("tcp-late"));
    }

    private static Answer unrepeated(Running sidecar, String cluster, String status) throws IOException {
        return asked(sidecar, cluster, status.isEmpty() ? "" : "x-do: " + status + "\n")
                .with("counted", counted(sidecar, "cluster\\." + cluster + "\\.upstream_rq_(retry.*|503|total)"));
    }

    private static Answer full(Running sidecar) throws IOException {
        var answer = Answer.empty();
        try (var held = Client.plain(sidecar.port("full"))) {
            answer = answer.with("first", held.read("hello\n".length()));
            try (var second = Client.plain(sidecar.port("full"))) {
                answer = answer.with("second", second.readToTheEnd());
            }
            answer = HttpCase.withLine(answer, "log of the second", sidecar.nextLine("full"));
            held.send("bye\n");
            answer = answer.with("rest", held.readToTheEnd());
        }
        return HttpCase.withLine(answer, "log of the first", sidecar.nextLine("full"))
                .with(
                        "counted",
                        counted(
                                sidecar,
                                "cluster\\.full\\.upstream_cx_(total|overflow|connect_fail|none_healthy)"
                                        + "|tcp\\.full\\.downstream_cx_total"));
    }

    private static Answer late(Running sidecar) throws IOException {
        Admin.awaitCount(sidecar, "cluster.late.membership_healthy", "0");
        var answer = Answer.empty().with("before", presence(sidecar));
        try (var _ = Upstream.plain(sidecar.port("late"))) {
            Admin.awaitCount(sidecar, "cluster.late.membership_healthy", "1");
            awaitLate(sidecar, "HTTP/1.1 200 OK");
            answer = answer.with("there", presence(sidecar));
        }
        Admin.awaitCount(sidecar, "cluster.late.membership_healthy", "0");
        awaitLate(sidecar, "no healthy upstream");
        return answer.with("gone", presence(sidecar));
    }

    /** Envoy gathers changes for up to a second before its requests know of them. */
    private static void awaitLate(Running sidecar, String word) {
        Await.until(PATIENCE, "no answer \"" + word + "\" from the late endpoint", () -> {
            try (var client = Client.plain(sidecar.port("unlogged"))) {
                client.send("GET /late" + HOST + "\n");
                return client.answer(false).fields().containsValue(word);
            }
        });
    }

    private static Answer presence(Running sidecar) throws IOException {
        return asked(sidecar, "late", "")
                .with(
                        "health",
                        Routed.endpoint(sidecar, "late", sidecar.port("late")).getOrDefault("health_flags", "none"));
    }
}
