// SPDX-License-Identifier: Apache-2.0
package io.countersign.ca.key;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * How keys in a PKCS#11 token are reached.
 *
 * @param module the library that the maker of the token gives out
 * @param owner whose keys these are among those of the token; no other server with that token has the same
 */
public record Pkcs11Settings(Path module, Token token, Pin pin, String owner) {
    /** Which of the module's tokens. */
    public sealed interface Token {
        /** By the label that it got when it was initialized. */
        record Labelled(String label) implements Token {}

        /** By where it is plugged in; some modules give a token another number after a restart. */
        record InSlot(int slot) implements Token {}
    }

    /** Where the user's PIN is; it is read when the token is opened, and kept nowhere. */
    public sealed interface Pin {
        /** The file holds nothing else; space around the PIN does not count. */
        record InFile(Path file) implements Pin {}

        record InEnvironment(String variable) implements Pin {}

        /**
         * The PIN itself; the caller wipes it.
         *
         * @throws IOException if there is none; the message does not show what was read
         */
        default char[] read() throws IOException {
            return switch (this) {
                case InFile(var file) -> trimmed(file);
                case InEnvironment(var variable) -> {
                    var pin = System.getenv(variable);
                    if (pin == null || pin.isEmpty()) {
                        throw new IOException("pin_env names the environment variable " + variable
                                + ", which is not set; expected the pin of the token in it");
                    }
                    yield pin.toCharArray();
                }
            };
        }

        private static char[] trimmed(Path file) throws IOException {
            CharBuffer text;
            try {
                text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(Files.readAllBytes(file)));
            } catch (IOException e) {
                throw new IOException("pin_file " + file + " cannot be read: " + e, e);
            }
            var pin = text.toString().strip().toCharArray();
            if (pin.length == 0) {
                throw new IOException("pin_file " + file + " is empty, expected the pin of the token in it");
            }
            return pin;
        }
    }
}
