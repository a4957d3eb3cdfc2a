// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.bootstrap;

import io.countersign.launch.config.Nearest;
import io.countersign.sidecar.flow.Buffers;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/**
 * One message of the file. Each getter marks its field as known; {@link #close} turns what nobody asked for into
 * problems. Getters never throw: they note the problem and go on with a stand-in, so that one report names everything.
 *
 * <p>Reads what Envoy's own reader accepts beyond protobuf's JSON: enums in any case, one message in place of a list of
 * one.
 */
final class Section implements AutoCloseable {
    private static final Pattern DURATION = Pattern.compile("-?[0-9]+(\\.[0-9]{1,9})?s");
    /** A hundred years, so that nobody who reckons in nanoseconds comes to the end of a long. */
    private static final Duration LONGEST = Duration.ofDays(36_500);

    private static final String BUFFER = "per_connection_buffer_limit_bytes";
    private static final long HIGHEST = (1L << 32) - 1;

    private final String path;
    private final int line;
    private final Problems problems;
    private final Map<String, Field> fields = new LinkedHashMap<>();
    private final Set<String> known = new TreeSet<>();

    private record Field(Node value, int line) {}

    Section(MappingNode node, String path, Problems problems) {
        this.path = path;
        this.problems = problems;
        this.line = YamlTree.line(node);
        for (var tuple : node.getValue()) {
            int at = YamlTree.line(tuple.getKeyNode());
            if (tuple.getKeyNode() instanceof ScalarNode key) {
                fields.put(key.getValue(), new Field(tuple.getValueNode(), at));
            } else {
                problems.add(at, path, "has a key that is no text");
            }
        }
    }

    String path() {
        return path;
    }

    String path(String key) {
        return path.isEmpty() ? key : path + "." + key;
    }

    /** Where the field stands, or the section if the field is missing. */
    int line(String key) {
        var field = fields.get(key);
        return field == null ? line : field.line();
    }

    /** @param key the field, or nothing for the section itself */
    void problem(String key, String message) {
        problems.add(line(key), key.isEmpty() ? path : path(key), message);
    }

    /** The value of a field, if it is there and not null. */
    private Optional<Node> node(String key) {
        known.add(key);
        var field = fields.get(key);
        if (field == null) {
            // protobuf's JSON has every name in a second spelling
            var camel = camel(key);
            field = fields.get(camel);
            if (field != null) {
                known.add(camel);
            }
        }
        return field == null || YamlTree.isNull(field.value()) ? Optional.empty() : Optional.of(field.value());
    }

    boolean has(String key) {
        return node(key).isPresent();
    }

    Optional<String> string(String key) {
        return node(key).flatMap(node -> {
            if (node instanceof ScalarNode scalar) {
                return Optional.of(scalar.getValue());
            }
            problem(key, "is a structure, expected a text");
            return Optional.empty();
        });
    }

    String string(String key, String standard) {
        return string(key).orElse(standard);
    }

    String required(String key) {
        var value = string(key);
        if (value.isEmpty() && !has(key)) {
            problems.add(line, path(key), "is missing");
        }
        return value.orElse("");
    }

    boolean bool(String key, boolean standard) {
        return string(key)
                .map(text -> switch (text.toLowerCase(Locale.ROOT)) {
                    case "true" -> true;
                    case "false" -> false;
                    default -> {
                        problem(key, "is \"" + text + "\", expected true or false");
                        yield standard;
                    }
                })
                .orElse(standard);
    }

    int integer(String key, int standard, int least, int most) {
        return Math.toIntExact(number(key, standard, least, most));
    }

    /** A {@code uint32}, of which the highest is often written for no limit. */
    long unsigned(String key, long standard) {
        return number(key, standard, 0, HIGHEST);
    }

    /** How much of a connection may be held. Envoy takes 0 for no limit, and there is always one here. */
    int bufferBytes() {
        long most = unsigned(BUFFER, Buffers.STANDARD);
        if (most == 0) {
            problem(BUFFER, "is 0, which is no limit; expected 1 or more, or remove it");
            return Buffers.STANDARD;
        }
        return (int) Math.min(Integer.MAX_VALUE, most);
    }

    private long number(String key, long standard, long least, long most) {
        return string(key)
                .map(text -> {
                    if (text.matches("-?[0-9]{1,10}")) {
                        long value = Long.parseLong(text);
                        if (value >= least && value <= most) {
                            return value;
                        }
                    }
                    problem(key, "is \"" + text + "\", expected a number from " + least + " to " + most);
                    return standard;
                })
                .orElse(standard);
    }

    /** Protobuf's JSON form: seconds with up to nine decimals and an s. A hundred years are the most. */
    Duration duration(String key, Duration standard) {
        return duration(key).orElse(standard);
    }

    Optional<Duration> duration(String key) {
        return string(key).flatMap(text -> {
            if (!DURATION.matcher(text).matches() || text.startsWith("-")) {
                problem(key, "is \"" + text + "\", expected seconds like 5s or 0.25s");
                return Optional.empty();
            }
            var seconds = new BigDecimal(text.substring(0, text.length() - 1));
            if (seconds.compareTo(BigDecimal.valueOf(LONGEST.toSeconds())) > 0) {
                problem(key, "is \"" + text + "\", expected at most " + LONGEST.toSeconds() + "s, a hundred years");
                return Optional.empty();
            }
            return Optional.of(Duration.ofNanos(seconds.movePointRight(9).longValue()));
        });
    }

    <E extends Enum<E>> E choice(String key, E standard) {
        var text = string(key);
        if (text.isEmpty()) {
            return standard;
        }
        var values = standard.getDeclaringClass().getEnumConstants();
        for (var value : values) {
            if (value.name().equalsIgnoreCase(text.get())) {
                return value;
            }
        }
        problem(key, "is \"" + text.get() + "\", expected one of " + Arrays.toString(values));
        return standard;
    }

    List<String> strings(String key) {
        var result = new ArrayList<String>();
        for (var item : items(key)) {
            if (item instanceof ScalarNode scalar) {
                result.add(scalar.getValue());
            } else {
                problems.add(YamlTree.line(item), path(key), "has an item that is no text");
            }
        }
        return result;
    }

    private List<Node> items(String key) {
        return node(key)
                .map(node -> node instanceof SequenceNode sequence ? sequence.getValue() : List.of(node))
                .orElse(List.of());
    }

    Optional<Section> section(String key) {
        return node(key).flatMap(node -> {
            if (node instanceof MappingNode mapping) {
                return Optional.of(new Section(mapping, path(key), problems));
            }
            problem(key, "is no structure, expected fields below it");
            return Optional.empty();
        });
    }

    List<Section> sections(String key) {
        var result = new ArrayList<Section>();
        var items = items(key);
        for (int i = 0; i < items.size(); i++) {
            var at = path(key) + "[" + i + "]";
            if (items.get(i) instanceof MappingNode mapping) {
                result.add(new Section(mapping, at, problems));
            } else {
                problems.add(YamlTree.line(items.get(i)), at, "is no structure, expected fields below it");
            }
        }
        return result;
    }

    /** A map from free names to messages. */
    Map<String, Section> named(String key) {
        var result = new LinkedHashMap<String, Section>();
        section(key).ifPresent(map -> {
            for (var name : map.fields.keySet()) {
                map.section(name).ifPresent(section -> result.put(name, section));
            }
        });
        return result;
    }

    /** A map from free names to texts. */
    Map<String, String> texts(String key) {
        var result = new LinkedHashMap<String, String>();
        section(key).ifPresent(map -> {
            for (var name : map.fields.keySet()) {
                map.string(name).ifPresent(text -> result.put(name, text));
            }
        });
        return result;
    }

    /** What stands under the field, as maps, lists and scalars; for free-form values. */
    @Nullable
    Object plain(String key) {
        return node(key).map(YamlTree::plain).orElse(null);
    }

    /** The type name within an {@code @type} URL; missing is a problem. */
    String type() {
        var url = required("@type");
        return url.substring(url.lastIndexOf('/') + 1);
    }

    /** Marks fields as known that change nothing here, each for a reason that the caller can defend. */
    void withoutEffect(String... keys) {
        known.addAll(List.of(keys));
    }

    /** After a problem that makes the rest of the section moot. */
    void ignoreRest() {
        known.addAll(fields.keySet());
    }

    /** Names fields of Envoy that this sidecar does not have, with the way out. */
    void refuse(String key, String instead) {
        if (has(key)) {
            problem(key, "is not supported: " + instead);
        }
    }

    @Override
    public void close() {
        var unknown = new HashSet<>(fields.keySet());
        unknown.removeAll(known);
        for (var key : unknown) {
            var meant = Nearest.to(key, known)
                    .map(name -> "did you mean " + name + "?")
                    .orElse("remove it");
            problem(key, "is not supported by this sidecar; " + meant);
        }
    }

    private static String camel(String snake) {
        var out = new StringBuilder();
        for (int i = 0; i < snake.length(); i++) {
            char c = snake.charAt(i);
            if (c == '_' && i + 1 < snake.length()) {
                out.append(Character.toUpperCase(snake.charAt(++i)));
            } else {
                out.append(c);
            }
        }
        return out.toString();
    }
}
