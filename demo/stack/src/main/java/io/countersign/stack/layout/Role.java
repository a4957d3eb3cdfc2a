// SPDX-License-Identifier: Apache-2.0
package io.countersign.stack.layout;

/** The parts of the system, each a process, in the order in which they depend on each other. */
public enum Role {
    SERVER("server", "identity server"),
    AGENT("agent", "node agent"),
    POSTGRES_HELPER("postgres-helper", "database's file helper"),
    BACKEND_HELPER("backend-helper", "backend's file helper"),
    FRONTEND_SIDECAR("frontend-sidecar", "frontend's sidecar"),
    BACKEND_SIDECAR("backend-sidecar", "backend's sidecar"),
    POSTGRES("postgres", "PostgreSQL"),
    BACKEND("backend", "backend"),
    FRONTEND("frontend", "frontend"),
    INTRUDER("intruder", "intruder");

    private final String part;
    private final String words;

    Role(String part, String words) {
        this.part = part;
        this.words = words;
    }

    /** A short name without blanks: of files, and of the process towards the agent. */
    public String part() {
        return part;
    }

    /** For people. */
    @Override
    public String toString() {
        return words;
    }
}
