// SPDX-License-Identifier: Apache-2.0
package io.countersign.stack.layout;

import java.util.Optional;

/** The parts of the system, each a process, in the order in which they depend on each other. */
public enum Role {
    SERVER("server", "identity server", "server"),
    AGENT("agent", "node agent", "agent"),
    POSTGRES_HELPER("postgres-helper", "database's file helper", "helper"),
    BACKEND_HELPER("backend-helper", "backend's file helper", "helper"),
    FRONTEND_SIDECAR("frontend-sidecar", "frontend's sidecar", "sidecar"),
    BACKEND_SIDECAR("backend-sidecar", "backend's sidecar", "sidecar"),
    POSTGRES("postgres", "PostgreSQL", ""),
    BACKEND("backend", "backend", ""),
    FRONTEND("frontend", "frontend", ""),
    INTRUDER("intruder", "intruder", "");

    private final String part;
    private final String words;
    private final String replaceable;

    Role(String part, String words, String replaceable) {
        this.part = part;
        this.words = words;
        this.replaceable = replaceable;
    }

    /** A short name without blanks: of files, and of the process towards the agent. */
    public String part() {
        return part;
    }

    /** The name of the program that stands here, if its original may stand here as well. */
    public Optional<String> replaceable() {
        return replaceable.isEmpty() ? Optional.empty() : Optional.of(replaceable);
    }

    /** For people. */
    @Override
    public String toString() {
        return words;
    }
}
