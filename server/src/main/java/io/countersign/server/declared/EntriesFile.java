// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.declared;

import io.countersign.launch.config.ConfigException;
import io.countersign.launch.config.Problem;
import io.countersign.spiffe.SpiffeId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;

/**
 * A file of entries: YAML, or JSON as {@code entry create -data} takes it, which is YAML. No two entries in it are the
 * same to a server, and all of them are in the scope, if the file has one.
 *
 * @param name for messages
 */
public record EntriesFile(String name, Optional<Scope> scope, List<DeclaredEntry> entries) {
    public EntriesFile {
        entries = List.copyOf(entries);
    }

    /** @throws ConfigException naming everything that is wrong */
    public static EntriesFile parse(String text, String name) {
        var problems = new ArrayList<Problem>();
        var read = root(text, problems).map(node -> read(new YamlBlock(node, "", problems), name, problems));
        if (!problems.isEmpty()) {
            throw new ConfigException(name, problems);
        }
        return read.orElseThrow();
    }

    private static Optional<MappingNode> root(String text, List<Problem> problems) {
        // the file is the operator's own: it may be as long as there are entries
        var settings = LoadSettings.builder()
                .setUseMarks(true)
                .setCodePointLimit(Integer.MAX_VALUE)
                .build();
        try {
            if (new Compose(settings).composeString(text).orElse(null) instanceof MappingNode mapping) {
                return Optional.of(mapping);
            }
            problems.add(new Problem(0, "", "is no mapping, expected the key entries with a list"));
        } catch (MarkedYamlEngineException e) {
            int line = e.getProblemMark().map(mark -> mark.getLine() + 1).orElse(0);
            problems.add(new Problem(line, "", "is no YAML: " + e.getProblem()));
        } catch (YamlEngineException e) {
            problems.add(new Problem(0, "", "is no YAML: " + e.getMessage()));
        }
        return Optional.empty();
    }

    private static EntriesFile read(YamlBlock root, String name, List<Problem> problems) {
        try (root) {
            var scope = root.block("scope").flatMap(EntriesFile::scope);
            if (!root.has("entries")) {
                root.problem("entries", "is missing, expected a list");
            }
            var entries = root.elements("entries").stream()
                    .flatMap(element -> root.block(element).stream())
                    .map(EntryReader::read)
                    .toList();
            if (problems.isEmpty()) {
                noteDoubles(entries, problems);
                scope.ifPresent(limits -> noteOutside(limits, entries, problems));
            }
            return new EntriesFile(name, scope, entries);
        }
    }

    private static Optional<Scope> scope(YamlBlock block) {
        try (block) {
            var parents = block.texts("parent_ids", SpiffeId::parse);
            var below = block.text("spiffe_ids_below", SpiffeId::parse);
            if (!block.has("spiffe_ids_below") && block.elements("parent_ids").isEmpty()) {
                block.problem("", "names nothing, expected parent_ids, spiffe_ids_below or both");
            }
            return parents.isEmpty() && below.isEmpty()
                    ? Optional.empty()
                    : Optional.of(new Scope(Set.copyOf(parents), below));
        }
    }

    private static void noteDoubles(List<DeclaredEntry> entries, List<Problem> problems) {
        Map<String, DeclaredEntry> byId = new HashMap<>();
        Map<EntryKey, DeclaredEntry> byKey = new HashMap<>();
        for (var entry : entries) {
            var same = entry.isNamed() ? byId.putIfAbsent(entry.entry().getId(), entry) : null;
            if (same != null) {
                problems.add(new Problem(
                        entry.line(), entry.path() + ".entry_id", "is that of the entry in line " + same.line()));
            }
            var similar = byKey.putIfAbsent(entry.key(), entry);
            if (similar != null) {
                problems.add(new Problem(
                        entry.line(),
                        entry.path(),
                        "has the SPIFFE ID, parent ID and selectors of the entry in line " + similar.line()));
            }
        }
    }

    private static void noteOutside(Scope scope, List<DeclaredEntry> entries, List<Problem> problems) {
        for (var entry : entries) {
            if (!scope.covers(entry.entry())) {
                problems.add(new Problem(
                        entry.line(), entry.path(), "is outside the file's scope; take it out, or widen the scope"));
            }
        }
    }
}
