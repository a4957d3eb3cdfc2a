// SPDX-License-Identifier: Apache-2.0
package io.countersign.intruder.attempt;

/** What came of an attempt, in the words of the other side. */
public sealed interface Outcome {
    /** What was met, word for word; never empty. */
    String error();

    /**
     * The gate held.
     *
     * @param by who refused, as verified in the handshake, and where
     */
    record Refused(String by, String error) implements Outcome {
        public Refused {
            requireWords(by, "who refused");
            requireWords(error, "what the refusal said");
        }
    }

    /** Nobody refused. */
    record LetIn(String error) implements Outcome {
        public LetIn {
            requireWords(error, "what was let in");
        }
    }

    /** Nothing is proved either way: the attempt did not get as far as the gate. */
    record Untried(String error) implements Outcome {
        public Untried {
            requireWords(error, "why it could not be tried");
        }
    }

    private static void requireWords(String text, String expected) {
        if (text.isBlank()) {
            throw new IllegalArgumentException("\"" + text + "\", expected words that say " + expected);
        }
    }
}
