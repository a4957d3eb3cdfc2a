// SPDX-License-Identifier: Apache-2.0
package io.countersign.launch.config;

import io.countersign.launch.config.Hcl.Body;
import io.countersign.launch.config.Hcl.Item;
import io.countersign.launch.config.Hcl.Kind;
import io.countersign.launch.config.Hcl.Scalar;
import io.countersign.launch.config.Hcl.Sequence;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One block of a configuration file. Each getter makes its key known; a wrong value is noted and the default returned,
 * so that {@link #check()}, called on the root when everything has been read, can report all problems at once. Keys
 * match whatever their case and the last of several wins, as in the originals. Not thread-safe.
 */
public final class ConfigBlock {
    /** A block with a name: {@code NodeAttestor "join_token" { … }}. */
    public record LabeledBlock(String label, ConfigBlock block) {}

    private final Body body;
    private final String path;
    private final String file;
    private final List<Problem> problems;
    private final TreeSet<String> known = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
    private final TreeMap<String, String> oldNames = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    private final List<ConfigBlock> children = new ArrayList<>();
    private boolean open;

    private ConfigBlock(Body body, String path, String file, List<Problem> problems) {
        this.body = body;
        this.path = path;
        this.file = file;
        this.problems = problems;
    }

    static ConfigBlock root(Body body, String file) {
        return new ConfigBlock(body, "", file, new ArrayList<>());
    }

    public Optional<String> string(String key) {
        return scalar(key).map(Scalar::text);
    }

    public String string(String key, String absent) {
        return string(key).orElse(absent);
    }

    /** Decimal, octal with a leading 0, hexadecimal with 0x; quoted or bare. */
    public int integer(String key, int absent) {
        return parsed(key, "a whole number", Integer::decode).orElse(absent);
    }

    /** {@code true} or {@code false} without quotes. */
    public boolean bool(String key, boolean absent) {
        return bool(key).orElse(absent);
    }

    public Optional<Boolean> bool(String key) {
        var scalar = scalar(key);
        if (scalar.isPresent() && scalar.get().kind() != Kind.BOOLEAN) {
            problem(key, "\"" + scalar.get().text() + "\" is no boolean, expected true or false without quotes");
            return Optional.empty();
        }
        return scalar.map(value -> Boolean.valueOf(value.text()));
    }

    public Duration duration(String key, Duration absent) {
        return duration(key).orElse(absent);
    }

    public Optional<Duration> duration(String key) {
        return parsed(key, "a duration like 1h30m", GoDuration::parse);
    }

    /** A list of strings; a single string counts as a list of one. Absent: empty. */
    public List<String> strings(String key) {
        var found = new ArrayList<String>();
        var item = find(key);
        if (item == null) {
            return List.of();
        }
        var elements = item.value() instanceof Sequence list ? list.elements() : List.of(item.value());
        for (var element : elements) {
            if (element instanceof Scalar scalar) {
                found.add(scalar.text());
            } else {
                problem(key, "expected a list of strings");
            }
        }
        return List.copyOf(found);
    }

    public Optional<ConfigBlock> block(String key) {
        var item = find(key);
        if (item == null) {
            return Optional.empty();
        }
        var bodies = bodies(item.value());
        if (bodies.isEmpty()) {
            problem(key, "expected a block { … }");
            return Optional.empty();
        }
        return Optional.of(child(bodies.getLast(), key));
    }

    /** As {@link #block}, with one in which nothing stands if the key is absent. */
    public ConfigBlock blockOrEmpty(String key) {
        return block(key).orElseGet(() -> child(new Body(List.of(), line(key)), key));
    }

    /** All blocks of this name, in order, whether repeated or written as a list of blocks. */
    public List<ConfigBlock> blocks(String key) {
        known.add(key);
        var found = new ArrayList<ConfigBlock>();
        for (var item : body.items()) {
            if (item.key().equalsIgnoreCase(key)) {
                var bodies = bodies(item.value());
                if (bodies.isEmpty()
                        && !(item.value() instanceof Sequence list
                                && list.elements().isEmpty())) {
                    problem(key, "expected a block { … } or a list of them");
                }
                for (var each : bodies) {
                    found.add(child(each, key + "[" + found.size() + "]"));
                }
            }
        }
        return List.copyOf(found);
    }

    /** {@code Key "label" { … }} and the nested form {@code Key { label { … } }}, in the order of the file. */
    public List<LabeledBlock> labeledBlocks(String key) {
        known.add(key);
        var found = new ArrayList<LabeledBlock>();
        for (var item : body.items()) {
            if (item.key().equalsIgnoreCase(key)) {
                if (item.labels().isEmpty()) {
                    bodies(item.value()).forEach(each -> each.items().forEach(inner -> label(key, inner, found)));
                } else {
                    label(key, new Item(item.labels().getFirst(), List.of(), item.value(), item.line()), found);
                }
            }
        }
        return List.copyOf(found);
    }

    private void label(String key, Item inner, List<LabeledBlock> found) {
        var bodies = bodies(inner.value());
        if (bodies.isEmpty()) {
            problems.add(new Problem(inner.line(), path(key), "expected a block after " + inner.key()));
            return;
        }
        found.add(new LabeledBlock(inner.key(), child(bodies.getLast(), key + " \"" + inner.key() + "\"")));
    }

    /** The keys written in this block, in order, known or not. */
    public List<String> keys() {
        return body.items().stream().map(Item::key).toList();
    }

    /** Lets what stands under an old name count as {@code key}, of which the last wins whatever its name; says whether it does. */
    public boolean alias(String old, String key) {
        boolean used = keys().stream().anyMatch(old::equalsIgnoreCase);
        if (used) {
            known.add(old);
            oldNames.put(old, key);
        }
        return used;
    }

    public boolean has(String key) {
        return find(key) != null;
    }

    /** The line of a key, or of this block if the key is absent. */
    public int line(String key) {
        var item = find(key);
        return item == null ? body.line() : item.line();
    }

    /** @param key empty for the block itself */
    public void problem(String key, String message) {
        problems.add(new Problem(line(key), path(key), message));
    }

    /** Notes a problem if the key is present: what the original knows and we do not do is said, never skipped. */
    public void refuse(String key, String why) {
        if (has(key)) {
            problem(key, why);
        }
    }

    /** Leaves this block's keys unchecked: for what is handed on to somebody else. */
    public void anyKeys() {
        open = true;
    }

    /**
     * What is in this block in plain Java, for somebody else who knows its keys: texts, {@code Boolean}, {@code BigDecimal},
     * lists and maps; the last of several keys of a name, and a block with a label as a map within a map.
     */
    public Map<String, Object> values() {
        anyKeys();
        return values(body);
    }

    private static Map<String, Object> values(Body body) {
        var values = new LinkedHashMap<String, Object>();
        for (var item : body.items()) {
            Object value = value(item.value());
            for (var label : item.labels().reversed()) {
                value = Map.of(label, value);
            }
            values.put(item.key(), value);
        }
        return Collections.unmodifiableMap(values);
    }

    private static Object value(Hcl value) {
        return switch (value) {
            case Body block -> values(block);
            case Sequence list ->
                list.elements().stream().map(ConfigBlock::value).toList();
            case Scalar scalar ->
                switch (scalar.kind()) {
                    case STRING -> scalar.text();
                    case BOOLEAN -> Boolean.valueOf(scalar.text());
                    case NUMBER -> number(scalar.text());
                };
        };
    }

    private static Object number(String text) {
        try {
            return text.matches("-?0.+") && !text.contains(".")
                    ? BigDecimal.valueOf(Long.decode(text))
                    : new BigDecimal(text);
        } catch (NumberFormatException e) {
            // such as 0x with too many digits: as it is written
            return text;
        }
    }

    /** @throws ConfigException with every problem noted so far and every key that nobody asked for */
    public void check() {
        noteUnknownKeys();
        if (!problems.isEmpty()) {
            throw new ConfigException(file, problems);
        }
    }

    private void noteUnknownKeys() {
        if (!open) {
            for (var item : body.items()) {
                if (!known.contains(item.key())) {
                    var hint = Nearest.to(item.key(), known)
                            .map(name -> "unknown key, did you mean " + name + "?")
                            .orElse("unknown key, expected one of " + String.join(", ", known));
                    problems.add(new Problem(item.line(), path(item.key()), hint));
                }
            }
        }
        children.forEach(ConfigBlock::noteUnknownKeys);
    }

    private ConfigBlock child(Body of, String key) {
        var child = new ConfigBlock(of, path(key), file, problems);
        children.add(child);
        return child;
    }

    private static List<Body> bodies(Hcl value) {
        return switch (value) {
            case Body one -> List.of(one);
            case Sequence list ->
                list.elements().stream()
                        .filter(Body.class::isInstance)
                        .map(Body.class::cast)
                        .toList();
            case Scalar _ -> List.of();
        };
    }

    private Optional<Scalar> scalar(String key) {
        var item = find(key);
        if (item == null) {
            return Optional.empty();
        }
        if (item.value() instanceof Scalar scalar) {
            return Optional.of(scalar);
        }
        problem(key, "expected a single value");
        return Optional.empty();
    }

    private <T> Optional<T> parsed(String key, String expected, Function<String, T> parser) {
        var text = scalar(key).map(Scalar::text);
        try {
            return text.map(parser);
        } catch (IllegalArgumentException e) {
            problem(key, "\"" + text.orElse("") + "\" was found, expected " + expected);
            return Optional.empty();
        }
    }

    private @Nullable Item find(String key) {
        known.add(key);
        Item last = null;
        for (var item : body.items()) {
            if (item.key().equalsIgnoreCase(key) || key.equalsIgnoreCase(oldNames.get(item.key()))) {
                last = item;
            }
        }
        return last;
    }

    private String path(String key) {
        if (path.isEmpty() || key.isEmpty()) {
            return path + key;
        }
        return path + "." + key;
    }
}
