// SPDX-License-Identifier: Apache-2.0
package io.countersign.stack.demo;

import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.countersign.stack.StackException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Presses both buttons of the page once, as a browser would, and judges the answers. */
public record DemoRun(JsonObject demo, JsonArray breakIns) {
    private static final Duration PATIENCE = Duration.ofSeconds(40);
    private static final int ORDERS = 5;
    private static final int BREAK_INS = 4;

    /** @throws StackException if the frontend does not answer with JSON */
    public static DemoRun run(int frontendPort) throws InterruptedException {
        try (var http =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
            var base = "http://127.0.0.1:" + frontendPort;
            var demo = ask(http, HttpRequest.newBuilder(URI.create(base + "/api/demo")));
            var breakIns = ask(
                    http,
                    HttpRequest.newBuilder(URI.create(base + "/api/break-in"))
                            .POST(HttpRequest.BodyPublishers.noBody()));
            return new DemoRun(demo.getAsJsonObject(), list(breakIns));
        }
    }

    private static JsonElement ask(HttpClient http, HttpRequest.Builder request) throws InterruptedException {
        var built = request.timeout(PATIENCE).build();
        try {
            var response = http.send(built, HttpResponse.BodyHandlers.ofString());
            return JsonParser.parseString(response.body());
        } catch (IOException | JsonParseException e) {
            throw new StackException(built.uri() + " gives no answer that can be read: " + e.getMessage(), e);
        }
    }

    private static JsonArray list(JsonElement answer) {
        if (answer.isJsonArray()) {
            return answer.getAsJsonArray();
        }
        throw new StackException("the break-ins were not tried: " + answer);
    }

    /** Everything that was seen. */
    public String json() {
        var all = new JsonObject();
        demo.entrySet().forEach(entry -> all.add(entry.getKey(), entry.getValue()));
        all.add("break_ins", breakIns);
        return new GsonBuilder()
                .setPrettyPrinting()
                .disableHtmlEscaping()
                .serializeNulls()
                .create()
                .toJson(all);
    }

    /** The first thing that is not as it must be; nothing if all is well. */
    public Optional<String> firstFailure() {
        var failures = new ArrayList<String>();
        pattern("frontend_to_backend", failures);
        pattern("backend_to_database", failures);
        hops(failures);
        int orders = demo.get("orders") instanceof JsonArray list ? list.size() : 0;
        if (orders != ORDERS) {
            failures.add(orders + " orders came, expected " + ORDERS);
        }
        breakIns(failures);
        return failures.stream().findFirst();
    }

    private void pattern(String name, List<String> failures) {
        if (!(demo.get(name) instanceof JsonObject pattern) || !isTrue(pattern, "success")) {
            failures.add(name + " failed: " + words(demo.get(name), "message"));
        }
    }

    private void hops(List<String> failures) {
        if (!(demo.get("evidence") instanceof JsonArray hops) || hops.isEmpty()) {
            failures.add("no evidence came");
            return;
        }
        var peers = new TreeMap<String, Set<String>>();
        for (var hop : hops) {
            var who = words(hop, "seenBy") + " about " + words(hop, "peer");
            if (!isTrue(hop.getAsJsonObject(), "verified")) {
                failures.add(who + ": " + words(hop, "problem"));
            }
            peers.computeIfAbsent(words(hop, "hop"), name -> new TreeSet<>()).add(words(hop, "peerSpiffeId"));
        }
        peers.forEach((hop, ids) -> {
            if (ids.size() != 2) {
                failures.add(hop + ": its two ends saw " + String.join(", ", ids) + ", expected two identities");
            }
        });
    }

    private void breakIns(List<String> failures) {
        if (breakIns.size() != BREAK_INS) {
            failures.add(breakIns.size() + " break-ins were tried, expected " + BREAK_INS);
        }
        for (var attempt : breakIns) {
            if (!isTrue(attempt.getAsJsonObject(), "refused")) {
                failures.add("break-in " + words(attempt, "kind") + " was not refused: " + words(attempt, "error"));
            }
        }
    }

    private static boolean isTrue(JsonObject object, String name) {
        var value = object.get(name);
        return value != null && value.isJsonPrimitive() && value.getAsBoolean();
    }

    private static String words(JsonElement element, String name) {
        return element instanceof JsonObject object
                        && object.get(name) != null
                        && object.get(name).isJsonPrimitive()
                ? object.get(name).getAsString()
                : "";
    }
}
