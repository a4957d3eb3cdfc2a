// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.declared;

import io.countersign.launch.config.Nearest;
import io.countersign.launch.config.Problem;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * One mapping of a file. Each getter makes its key known; what is wrong is noted and the value taken for absent, so that
 * one report names everything. {@link #close} notes the keys that nobody has asked for. Not thread-safe.
 */
final class YamlBlock implements AutoCloseable {
    private final String path;
    private final int line;
    private final List<Problem> problems;
    private final Map<String, Field> fields = new LinkedHashMap<>();
    private final Set<String> known = new TreeSet<>();

    private record Field(Node value, int line) {}

    /**
     * One element of a list.
     *
     * @param path such as {@code entries[0].selectors[1]}
     */
    record Element(Node node, String path) {
        int line() {
            return YamlBlock.line(node);
        }
    }

    YamlBlock(MappingNode node, String path, List<Problem> problems) {
        this.path = path;
        this.line = line(node);
        this.problems = problems;
        for (var tuple : node.getValue()) {
            int at = line(tuple.getKeyNode());
            if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
                problems.add(new Problem(at, path, "has a key that is no text"));
                continue;
            }
            var first = fields.putIfAbsent(key.getValue(), new Field(tuple.getValueNode(), at));
            if (first != null) {
                problems.add(new Problem(
                        at, path(key.getValue()), "is there twice, the first one stands in line " + first.line()));
            }
        }
    }

    static int line(Node node) {
        return node.getStartMark().map(mark -> mark.getLine() + 1).orElse(0);
    }

    String path() {
        return path;
    }

    /** Where the key stands, or the block if the key is absent. */
    int line(String key) {
        var field = fields.get(key);
        return field == null ? line : field.line();
    }

    /** @param key empty for the block itself */
    void problem(String key, String message) {
        problems.add(new Problem(line(key), path(key), message));
    }

    void problem(Element element, String message) {
        problems.add(new Problem(element.line(), element.path(), message));
    }

    boolean has(String key) {
        return value(key).isPresent();
    }

    private Optional<Node> value(String key) {
        known.add(key);
        return Optional.ofNullable(fields.get(key)).map(Field::value);
    }

    Optional<String> text(String key) {
        return scalar(key, Tag.STR, "a text; put it in quotes if it looks like something else");
    }

    /** A text that is read further; nothing, and noted, if that fails. */
    <T> Optional<T> text(String key, Function<String, T> reader) {
        try {
            return text(key).map(reader);
        } catch (IllegalArgumentException e) {
            problem(key, String.valueOf(e.getMessage()));
            return Optional.empty();
        }
    }

    boolean bool(String key) {
        return scalar(key, Tag.BOOL, "true or false, without quotes")
                .map(Boolean::valueOf)
                .orElse(false);
    }

    /** From 0 to {@code most}; 0 if absent. */
    long number(String key, long most) {
        var text = scalar(key, Tag.INT, "a whole number");
        if (text.isEmpty()) {
            return 0;
        }
        if (text.get().matches("[0-9]{1,18}") && Long.parseLong(text.get()) <= most) {
            return Long.parseLong(text.get());
        }
        problem(key, "is " + text.get() + ", expected a number from 0 to " + most);
        return 0;
    }

    /** Whether the value is there and is a number. */
    boolean isNumber(String key) {
        return value(key).orElse(null) instanceof ScalarNode scalar
                && scalar.getTag().equals(Tag.INT);
    }

    boolean isEmptyList(String key) {
        return value(key).orElse(null) instanceof SequenceNode sequence
                && sequence.getValue().isEmpty();
    }

    /** The elements of a list; none if it is absent. */
    List<Element> elements(String key) {
        var elements = new ArrayList<Element>();
        value(key).ifPresent(value -> {
            if (value instanceof SequenceNode sequence) {
                sequence.getValue()
                        .forEach(node -> elements.add(new Element(node, path(key) + "[" + elements.size() + "]")));
            } else {
                problem(key, "is " + words(value) + ", expected a list");
            }
        });
        return elements;
    }

    /** A list of texts, each of them read further; those that fail or are there twice are noted and left out. */
    <T> List<T> texts(String key, Function<String, T> reader) {
        var read = new LinkedHashSet<T>();
        for (var element : elements(key)) {
            if (element.node() instanceof ScalarNode scalar && scalar.getTag().equals(Tag.STR)) {
                try {
                    if (!read.add(reader.apply(scalar.getValue()))) {
                        problem(element, "\"" + scalar.getValue() + "\" is there twice");
                    }
                } catch (IllegalArgumentException e) {
                    problem(element, String.valueOf(e.getMessage()));
                }
            } else {
                problem(element, "is " + words(element.node()) + ", expected a text");
            }
        }
        return List.copyOf(read);
    }

    /** The mapping that an element is; nothing, and noted, if it is none. */
    Optional<YamlBlock> block(Element element) {
        if (element.node() instanceof MappingNode mapping) {
            return Optional.of(new YamlBlock(mapping, element.path(), problems));
        }
        problem(element, "is " + words(element.node()) + ", expected keys with values");
        return Optional.empty();
    }

    Optional<YamlBlock> block(String key) {
        return value(key).flatMap(value -> block(new Element(value, path(key))));
    }

    private Optional<String> scalar(String key, Tag tag, String expected) {
        return value(key).flatMap(value -> {
            if (value instanceof ScalarNode scalar && scalar.getTag().equals(tag)) {
                return Optional.of(scalar.getValue());
            }
            problem(key, "is " + words(value) + ", expected " + expected);
            return Optional.empty();
        });
    }

    private static String words(Node node) {
        if (!(node instanceof ScalarNode scalar)) {
            return node instanceof MappingNode ? "a block of keys" : "a list";
        }
        if (scalar.getTag().equals(Tag.NULL)) {
            return "empty";
        }
        return scalar.getTag().equals(Tag.STR) ? "\"" + scalar.getValue() + "\"" : scalar.getValue();
    }

    private String path(String key) {
        return path.isEmpty() || key.isEmpty() ? path + key : path + "." + key;
    }

    @Override
    public void close() {
        for (var key : fields.keySet()) {
            if (!known.contains(key)) {
                problem(
                        key,
                        Nearest.to(key, known)
                                .map(name -> "unknown key, did you mean " + name + "?")
                                .orElse("unknown key, expected one of " + String.join(", ", known)));
            }
        }
    }
}
