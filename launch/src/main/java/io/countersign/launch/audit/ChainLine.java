// SPDX-License-Identifier: Apache-2.0
package io.countersign.launch.audit;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * One line of an audit file: a JSON object that begins with its number and the hash of the line before and ends with its
 * own. The hash is SHA-256 over the line's bytes (UTF-8) up to the comma before {@code "hash"}, so that nobody has to agree
 * on how JSON is written.
 *
 * @param number from 1, without gaps
 * @param previous the hash of the line before; 64 zeros before the first
 */
record ChainLine(long number, String previous, String hash) {
    /** What the first line of all follows. */
    static final ChainLine START = new ChainLine(0, "", "0".repeat(64));

    private static final Pattern HEAD = Pattern.compile("\\{\"seq\":([0-9]{1,18}),\"prev\":\"([0-9a-f]{64})\"[,}]");
    private static final Pattern TAIL = Pattern.compile(",\"hash\":\"([0-9a-f]{64})\"}$");
    private static final int TAIL_LENGTH = ",\"hash\":\"\"}".length() + 64;

    /** A line, and its text without the line feed. */
    record Sealed(ChainLine line, String text) {}

    /**
     * The line that follows this one.
     *
     * @param members the rest of the object, without braces
     */
    Sealed next(String members) {
        var text = "{\"seq\":" + (number + 1) + ",\"prev\":\"" + hash + "\"," + members;
        var sum = sha256(text);
        return new Sealed(new ChainLine(number + 1, hash, sum), text + ",\"hash\":\"" + sum + "\"}");
    }

    /**
     * @param text without the line feed
     * @throws IllegalArgumentException if it is no such line, or its hash is not the one of its bytes
     */
    static ChainLine parse(String text) {
        var head = HEAD.matcher(text);
        int hashed = text.length() - TAIL_LENGTH;
        if (hashed < 0 || !head.lookingAt()) {
            throw new IllegalArgumentException("is no audit line, expected {\"seq\":…,\"prev\":…,…,\"hash\":…}");
        }
        var tail = TAIL.matcher(text).region(hashed, text.length());
        if (!tail.matches()) {
            throw new IllegalArgumentException("does not end in its hash");
        }
        var sum = sha256(text.substring(0, hashed));
        if (!sum.equals(tail.group(1))) {
            throw new IllegalArgumentException(
                    "was edited: its bytes have the hash " + sum + ", it says " + tail.group(1));
        }
        return new ChainLine(Long.parseLong(head.group(1)), head.group(2), sum);
    }

    /** The number that a text says to have, whether it is intact or not; 0 if it says none. */
    static long number(String text) {
        var head = HEAD.matcher(text);
        return head.lookingAt() ? Long.parseLong(head.group(1)) : 0;
    }

    /** In lower case hexadecimal digits. */
    static String sha256(String text) {
        return sha256(text.getBytes(StandardCharsets.UTF_8));
    }

    static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
