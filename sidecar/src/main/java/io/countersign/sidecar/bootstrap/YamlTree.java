// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.bootstrap;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/** YAML (or JSON, which is YAML) as a tree that remembers its lines. */
final class YamlTree {
    /** Files in the wild have tabs after a colon; Envoy's parser takes them for spaces, the standard and ours do not. */
    private static final Pattern TRAILING_TAB = Pattern.compile("(?m)[ ]*\t[ \t]*$");

    /** The file is the operator's own, and large ones name the agent once and refer to it from each TLS context. */
    private static final int MOST_ALIASES = 10_000;

    private YamlTree() {}

    /** The top of a document; empty if the text is no mapping, which is then a problem. */
    static Optional<MappingNode> parse(String text, Problems problems) {
        try {
            var settings = LoadSettings.builder()
                    .setUseMarks(true)
                    .setMaxAliasesForCollections(MOST_ALIASES)
                    .build();
            var root = new Compose(settings)
                    .composeString(TRAILING_TAB.matcher(text).replaceAll(""));
            if (root.isPresent() && root.get() instanceof MappingNode mapping) {
                return Optional.of(mapping);
            }
            problems.add(0, "", "is no mapping, expected the fields of an Envoy bootstrap");
        } catch (MarkedYamlEngineException e) {
            int line = e.getProblemMark().map(mark -> mark.getLine() + 1).orElse(0);
            problems.add(line, "", "is no YAML: " + e.getProblem());
        } catch (YamlEngineException e) {
            problems.add(0, "", "is no YAML: " + e.getMessage());
        }
        return Optional.empty();
    }

    static int line(Node node) {
        return node.getStartMark().map(mark -> mark.getLine() + 1).orElse(0);
    }

    static boolean isNull(Node node) {
        return node instanceof ScalarNode scalar && scalar.getTag().equals(Tag.NULL);
    }

    /** Plain maps, lists and scalars, for showing a file again. */
    static @Nullable Object plain(Node node) {
        return switch (node) {
            case MappingNode mapping -> {
                Map<String, @Nullable Object> map = new LinkedHashMap<>();
                for (var tuple : mapping.getValue()) {
                    if (tuple.getKeyNode() instanceof ScalarNode key) {
                        map.put(key.getValue(), plain(tuple.getValueNode()));
                    }
                }
                yield map;
            }
            case SequenceNode sequence -> {
                List<@Nullable Object> list = new ArrayList<>();
                sequence.getValue().forEach(item -> list.add(plain(item)));
                yield list;
            }
            case ScalarNode scalar -> plain(scalar);
            default -> null;
        };
    }

    private static @Nullable Object plain(ScalarNode scalar) {
        var tag = scalar.getTag();
        if (tag.equals(Tag.NULL)) {
            return null;
        }
        if (tag.equals(Tag.BOOL)) {
            return Boolean.valueOf(scalar.getValue());
        }
        return tag.equals(Tag.INT) && scalar.getValue().matches("-?[0-9]{1,18}")
                ? Long.valueOf(scalar.getValue())
                : scalar.getValue();
    }
}
