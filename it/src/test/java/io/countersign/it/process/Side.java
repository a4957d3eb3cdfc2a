// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.process;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Which of the two that are compared. */
public enum Side {
    OURS,
    ORIGINAL;

    /** A part that exists twice. */
    public enum Part {
        SERVER("spire-server"),
        AGENT("spire-agent"),
        HELPER("spiffe-helper"),
        SIDECAR("envoy");

        private final String original;

        Part(String original) {
            this.original = original;
        }

        /** The name of the original's program. */
        public String original() {
            return original;
        }

        /** The word behind {@code countersign}, and in {@code up --use}. */
        public String ours() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** The command that gives the part of this side these words. */
    public List<String> command(Part part, List<String> words) {
        var command = new ArrayList<String>();
        switch (this) {
            case OURS -> {
                command.add(Programs.COUNTERSIGN.toString());
                command.add(part.ours());
            }
            case ORIGINAL -> command.add(Programs.foreign(part.original()).toString());
        }
        command.addAll(words);
        return List.copyOf(command);
    }
}
