// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.agentpath;

import java.util.List;
import java.util.Map;
import java.util.Set;

/** The setting {@code agent_path_template}: what comes after {@code /spire/agent} in an agent's SPIFFE ID. */
public record AgentPathTemplate(String text, List<Expression> parts) {
    public AgentPathTemplate {
        parts = List.copyOf(parts);
    }

    /**
     * What a template may speak of.
     *
     * @param single by their whole name, such as {@code Subject.CommonName}
     * @param families of values with a further name that is known only when an agent comes
     * @param lists whose elements {@code index .Name 0} takes; by its name and number, such as {@code Name.0}, each is a
     *     value
     */
    public record Fields(Set<String> single, Set<String> families, Set<String> lists) {
        public Fields {
            single = Set.copyOf(single);
            families = Set.copyOf(families);
            lists = Set.copyOf(lists);
        }

        /** Without lists. */
        public Fields(Set<String> single, Set<String> families) {
            this(single, families, Set.of());
        }
    }

    /** @throws IllegalArgumentException if it is malformed, or asks for what is not supported */
    public static AgentPathTemplate parse(String text, Fields fields) {
        return new AgentPathTemplate(text, new TemplateParser(text, fields).parse());
    }

    /**
     * The path.
     *
     * @param values by the name of their field; all single ones, and those of the families that this agent has
     * @throws IllegalArgumentException if the template wants a value that this agent does not have
     */
    public String render(Map<String, String> values) {
        var path = new StringBuilder();
        parts.forEach(part -> path.append(part.evaluate(values)));
        return path.toString();
    }

    @Override
    public String toString() {
        return text;
    }
}
