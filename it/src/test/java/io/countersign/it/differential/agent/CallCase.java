// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.agent;

/** A row of the table: what one user asks both agents, and what happens meanwhile. */
record CallCase(String name, Script script) {
    @FunctionalInterface
    interface Script {
        void run(Callers callers) throws Exception;
    }

    @Override
    public String toString() {
        return name;
    }
}
