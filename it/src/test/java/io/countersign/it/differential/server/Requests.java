// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.server;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The shorthand of the table: {@code id(/path)}, {@code id(other.test/path)}, {@code agent(token)}, {@code sel(type:value)},
 * {@code csr(kind, words)}, {@code ca(name)}, {@code key(name)}, {@code bytes(text)}, {@code long(n)} for a text of that length, {@code many(n, prefix)} for
 * entries below a parent, and {@code $1.page[0].token} for what the case's first call has answered.
 */
final class Requests {
    private static final Pattern MACRO =
            Pattern.compile("\\b(id|agent|sel|csr|bytes|long|many|ca|key|shown)\\(([^)]*)\\)");
    private static final Pattern EARLIER = Pattern.compile("\\$(\\d+)\\.([a-z0-9_.\\[\\]]+)");

    private Requests() {}

    /** @param earlier the answers so far, as JSON */
    static JsonElement json(String text, List<JsonElement> earlier) {
        var filled = EARLIER.matcher(text)
                .replaceAll(match -> at(earlier.get(Integer.parseInt(match.group(1)) - 1), match.group(2))
                        .toString());
        return JsonParser.parseString(MACRO.matcher(filled)
                .replaceAll(match -> java.util.regex.Matcher.quoteReplacement(
                        macro(match.group(1), match.group(2)).toString())));
    }

    private static JsonElement at(JsonElement value, String path) {
        var here = value;
        for (var name : path.replace("[", ".").replace("]", "").split("\\.", -1)) {
            here = here instanceof JsonArray array
                    ? array.get(Integer.parseInt(name))
                    : here.getAsJsonObject().get(name);
        }
        return here;
    }

    private static JsonElement macro(String name, String argument) {
        return switch (name) {
            case "id" -> id(argument);
            case "agent" -> id("/spire/agent/join_token/" + argument);
            case "sel" -> selector(argument);
            case "csr" -> bytes(Csr.parse(argument).der().toByteArray());
            case "ca" -> bytes(Authority.certificates(argument));
            case "shown" ->
                bytes("{\"certificates\": [%s]}"
                        .formatted(bytes(Authority.certificates(argument)))
                        .getBytes(StandardCharsets.UTF_8));
            case "key" -> bytes(Authority.key(argument));
            case "bytes" -> bytes(argument.getBytes(StandardCharsets.UTF_8));
            case "long" -> JsonParser.parseString("\"" + "x".repeat(Integer.parseInt(argument)) + "\"");
            case "many" -> many(argument.split(", *"));
            default -> throw new IllegalArgumentException("no macro " + name);
        };
    }

    static JsonObject id(String text) {
        int slash = text.indexOf('/') < 0 ? text.length() : text.indexOf('/');
        var id = new JsonObject();
        id.addProperty("trust_domain", slash == 0 ? RunningServer.TRUST_DOMAIN : text.substring(0, slash));
        id.addProperty("path", text.substring(slash));
        return id;
    }

    private static JsonObject selector(String text) {
        int colon = text.indexOf(':');
        var selector = new JsonObject();
        selector.addProperty("type", text.substring(0, colon));
        selector.addProperty("value", text.substring(colon + 1));
        return selector;
    }

    private static JsonElement bytes(byte[] bytes) {
        return JsonParser.parseString("\"" + Base64.getEncoder().encodeToString(bytes) + "\"");
    }

    /** @param words how many, what their ids begin with, and the path of their parent */
    private static JsonElement many(String[] words) {
        return JsonParser.parseString(IntStream.range(0, Integer.parseInt(words[0]))
                .mapToObj(i -> words[1] + "-" + "%04d".formatted(i))
                .map(id -> "{\"id\": \"%s\", \"spiffe_id\": %s, \"parent_id\": %s, \"selectors\": [%s]}"
                        .formatted(id, id("/" + id), id(words[2]), selector("unix:user:" + id)))
                .collect(Collectors.joining(", ", "[", "]")));
    }
}
