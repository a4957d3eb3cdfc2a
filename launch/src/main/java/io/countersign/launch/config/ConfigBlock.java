// SPDX-License-Identifier: Apache-2.0
package io.countersign.launch.config;

import io.countersign.launch.config.Hcl.Body;
import io.countersign.launch.config.Hcl.Item;
import io.countersign.launch.config.Hcl.Kind;
import io.countersign.launch.config.Hcl.Nothing;
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
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * One block of a configuration file. Each getter makes its key known; a wrong value is noted and the default returned,
 * so that {@link #check()}, called on the root when everything has been read, can report all problems at once. Not
 * thread-safe.
 *
 * <p>As in the originals, keys match whatever their case, and one may be there several times: of single values the last
 * wins, lists are joined, and blocks are one block in which everything stands. It is all the same whether blocks are
 * repeated or in a list, and whether a name is a label or a key within. An empty text counts as absent.
 */
public final class ConfigBlock {
    /** A block with a name: {@code NodeAttestor "join_token" { … }}. */
    public record LabeledBlock(String label, ConfigBlock block) {}

    /** A number or a duration. */
    private static final Pattern ZERO = Pattern.compile("0+(\\.0*)?|(0+(ns|us|µs|ms|s|m|h))+");

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
        return scalar(key).map(Scalar::text).filter(text -> !text.isEmpty());
    }

    public String string(String key, String absent) {
        return string(key).orElse(absent);
    }

    /** Decimal, octal with a leading 0, hexadecimal with 0x; quoted or bare. */
    public int integer(String key, int absent) {
        return parsed(key, scalar(key).map(Scalar::text), "a whole number", Integer::decode)
                .orElse(absent);
    }

    /** As {@link #integer}, with 64 bits. */
    public long longInteger(String key, long absent) {
        return parsed(key, scalar(key).map(Scalar::text), "a whole number", Long::decode)
                .orElse(absent);
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
        return parsed(key, string(key), "a duration like 1h30m", GoDuration::parse);
    }

    /** A list of strings; a single string counts as a list of one. Absent: empty. */
    public List<String> strings(String key) {
        var found = new ArrayList<String>();
        for (var item : all(key)) {
            for (var element : elements(item.value())) {
                if (element instanceof Scalar scalar) {
                    found.add(scalar.text());
                } else {
                    problems.add(new Problem(item.line(), path(key), "expected a list of strings"));
                }
            }
        }
        return List.copyOf(found);
    }

    public Optional<ConfigBlock> block(String key) {
        var bodies = all(key).stream()
                .flatMap(item -> bodies(item, key, "expected a block { … }").stream())
                .toList();
        return bodies.isEmpty() ? Optional.empty() : Optional.of(child(Body.of(bodies), key));
    }

    /** As {@link #block}, with one in which nothing stands if the key is absent. */
    public ConfigBlock blockOrEmpty(String key) {
        return block(key).orElseGet(() -> child(new Body(List.of(), line(key)), key));
    }

    /** All blocks of this name, in order, each for itself. */
    public List<ConfigBlock> blocks(String key) {
        var found = new ArrayList<ConfigBlock>();
        for (var item : all(key)) {
            boolean none =
                    item.value() instanceof Sequence list && list.elements().isEmpty();
            if (!none) {
                for (var each : bodies(item, key, "expected a block { … } or a list of them")) {
                    found.add(child(each, key + "[" + found.size() + "]"));
                }
            }
        }
        return List.copyOf(found);
    }

    /** All blocks with a label, in the order of the file, each for itself: for what is to be there once. */
    public List<LabeledBlock> labeledBlocks(String key) {
        return labeled(key).stream()
                .map(each -> labeledBlock(key, each.label(), each.body()))
                .toList();
    }

    /** All blocks with a label; those with the same one are one. */
    public List<LabeledBlock> mergedBlocks(String key) {
        var bodies = new LinkedHashMap<String, List<Body>>();
        labeled(key)
                .forEach(each -> bodies.computeIfAbsent(each.label(), _ -> new ArrayList<>())
                        .add(each.body()));
        return bodies.entrySet().stream()
                .map(each -> labeledBlock(key, each.getKey(), Body.of(each.getValue())))
                .toList();
    }

    private record Labeled(String label, Body body) {}

    private List<Labeled> labeled(String key) {
        var found = new ArrayList<Labeled>();
        for (var outer : all(key)) {
            for (var element : elements(outer.value())) {
                if (element instanceof Body body) {
                    written(body)
                            .forEach(inner -> bodies(inner, key, "expected a block after " + inner.key())
                                    .forEach(each -> found.add(new Labeled(inner.key(), each))));
                }
            }
        }
        return found;
    }

    private LabeledBlock labeledBlock(String key, String label, Body body) {
        return new LabeledBlock(label, child(body, key + " \"" + label + "\""));
    }

    /** The keys written in this block, in order, known or not. */
    public List<String> keys() {
        return written(body).map(Item::key).distinct().toList();
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
        return last(key).isPresent();
    }

    /** The line of a key, or of this block if the key is absent. */
    public int line(String key) {
        return key.isEmpty() ? body.line() : last(key).map(Item::line).orElse(body.line());
    }

    /** @param key empty for the block itself */
    public void problem(String key, String message) {
        problems.add(new Problem(line(key), path(key), message));
    }

    /**
     * Notes a problem if the key is present: what the original knows and we do not do is said, never skipped. False, 0 and
     * what is empty are what the original has without the key; they ask for nothing. A block asks by being there.
     */
    public void refuse(String key, String why) {
        if (!all(key).stream().map(Item::value).allMatch(ConfigBlock::asksForNothing)) {
            problem(key, why);
        }
    }

    private static boolean asksForNothing(Hcl value) {
        return switch (value) {
            case Scalar(Kind kind, String text, int _) ->
                switch (kind) {
                    case BOOLEAN -> text.equals("false");
                    case NUMBER, STRING -> text.isEmpty() || ZERO.matcher(text).matches();
                };
            case Sequence list -> list.elements().isEmpty();
            case Body _ -> false;
            case Nothing _ -> true;
        };
    }

    /** Leaves this block's keys unchecked: for what is handed on to somebody else. */
    public void anyKeys() {
        open = true;
    }

    /**
     * What is in this block in plain Java, for somebody else who knows its keys: texts, {@code Boolean}, {@code BigDecimal},
     * lists and maps. What is there several times is one, as everywhere; a list of blocks is a list of maps.
     */
    public Map<String, Object> values() {
        anyKeys();
        return values(body);
    }

    private static Map<String, Object> values(Body body) {
        var all = new LinkedHashMap<String, List<Hcl>>();
        written(body)
                .forEach(item ->
                        all.computeIfAbsent(item.key(), _ -> new ArrayList<>()).add(item.value()));
        var values = new LinkedHashMap<String, Object>();
        all.forEach((key, several) -> values.put(key, joined(several)));
        return Collections.unmodifiableMap(values);
    }

    private static Object joined(List<Hcl> several) {
        return switch (several.getLast()) {
            case Body _
            when several.stream().allMatch(Body.class::isInstance) ->
                values(Body.of(several.stream().map(Body.class::cast).toList()));
            case Sequence _
            when several.stream().allMatch(Sequence.class::isInstance) ->
                several.stream()
                        .flatMap(each -> elements(each).stream())
                        .map(ConfigBlock::value)
                        .toList();
            case Hcl last -> value(last);
        };
    }

    private static Object value(Hcl value) {
        return switch (value) {
            case Body block -> values(block);
            case Nothing _ -> throw new IllegalStateException("null is no value");
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
                            .orElse(
                                    known.isEmpty()
                                            ? "unknown key, expected none"
                                            : "unknown key, expected one of " + String.join(", ", known));
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

    /** Of a list all, of another value itself. */
    private static List<Hcl> elements(Hcl value) {
        return value instanceof Sequence list ? list.elements() : List.of(value);
    }

    /** Of a block, or a list of them; what else there is, is noted. */
    private List<Body> bodies(Item item, String key, String expected) {
        var elements = elements(item.value());
        var bodies = elements.stream()
                .filter(Body.class::isInstance)
                .map(Body.class::cast)
                .toList();
        if (bodies.isEmpty() || bodies.size() < elements.size()) {
            problems.add(new Problem(item.line(), path(key), expected));
        }
        return bodies;
    }

    private Optional<Scalar> scalar(String key) {
        var value = last(key).map(Item::value);
        if (value.isPresent() && !(value.get() instanceof Scalar)) {
            problem(key, "expected a single value");
        }
        return value.filter(Scalar.class::isInstance).map(Scalar.class::cast);
    }

    private <T> Optional<T> parsed(String key, Optional<String> text, String expected, Function<String, T> parser) {
        try {
            return text.map(parser);
        } catch (IllegalArgumentException e) {
            problem(key, "\"" + text.orElse("") + "\" was found, expected " + expected);
            return Optional.empty();
        }
    }

    /** Without what is null. */
    private static Stream<Item> written(Body body) {
        return body.items().stream().filter(item -> !(item.value() instanceof Nothing));
    }

    private List<Item> all(String key) {
        known.add(key);
        return written(body)
                .filter(item -> item.key().equalsIgnoreCase(key) || key.equalsIgnoreCase(oldNames.get(item.key())))
                .toList();
    }

    private Optional<Item> last(String key) {
        var all = all(key);
        return all.isEmpty() ? Optional.empty() : Optional.of(all.getLast());
    }

    private String path(String key) {
        if (path.isEmpty() || key.isEmpty()) {
            return path + key;
        }
        return path + "." + key;
    }
}
