// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.sidecar;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.countersign.it.differential.Answer;
import java.util.regex.Pattern;

/** Puts words in the place of what differs by nature: times, identifiers made at random, ports. */
final class Normal {
    private static final Pattern UUID = Pattern.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");
    private static final Pattern DATE =
            Pattern.compile("(Mon|Tue|Wed|Thu|Fri|Sat|Sun), [0-9]{2} [A-Z][a-z]{2} 20[0-9]{2} [0-9:]{8} GMT");
    private static final Pattern TIME = Pattern.compile("20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\\.[0-9]{3}Z");
    private static final Pattern PORT = Pattern.compile("127\\.0\\.0\\.1:[0-9]{4,5}");

    private static final Pattern STAT_PORT = Pattern.compile("127\\.0\\.0\\.1_[0-9]{4,5}");
    private static final Pattern JSON_PORT = Pattern.compile("\"port_value\":[0-9]{4,5}");

    private Normal() {}

    static String header(String name, String value) {
        return switch (name) {
            case "date" -> DATE.matcher(value).replaceFirst("(date)");
            case "x-envoy-upstream-service-time" -> value.replaceFirst("^[0-9]{1,4}$", "(ms)");
            case "x-request-id" -> UUID.matcher(value).replaceFirst("(uuid)");
            default -> value;
        };
    }

    /** Free text and values of logs. */
    static String text(String text) {
        var timed = TIME.matcher(text).replaceAll("(time)");
        var named = UUID.matcher(timed).replaceAll("(uuid)");
        named = STAT_PORT.matcher(named).replaceAll("127.0.0.1_(port)");
        named = JSON_PORT.matcher(named).replaceAll("\"port_value\":(port)");
        return PORT.matcher(named).replaceAll("127.0.0.1:(port)");
    }

    /** A line in the standard format: its durations are the third and fourth number behind the flags. */
    static String logLine(String line) {
        return text(line).replaceFirst("^(\\[.*?] \".*?\" \\d+ \\S+ \\d+ \\d+) \\d+ (-|\\d+) ", "$1 (ms) (ms) ");
    }

    /** All values of a JSON document as fields; the values of a one-item list without the list. */
    static Answer json(Answer answer, String name, JsonElement json) {
        return switch (json) {
            case JsonObject object -> {
                var all = answer;
                for (var entry : object.entrySet()) {
                    all = json(all, name + "." + entry.getKey(), entry.getValue());
                }
                yield all;
            }
            case JsonArray array -> {
                var values = new StringBuilder();
                for (var item : array) {
                    values.append(values.isEmpty() ? "" : " | ").append(text(item.toString()));
                }
                yield answer.with(name, values);
            }
            default -> answer.with(name, text(json.toString()));
        };
    }
}
