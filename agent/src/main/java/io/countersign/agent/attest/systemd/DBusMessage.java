// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.attest.systemd;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * As much of the D-Bus specification's wire format (chapter "Message Protocol") as it takes to call methods with numbers and
 * texts and to read a text from the reply. Little-endian, as both ends of a local bus are here.
 *
 * @param type 2 for a reply, 3 for an error; others are of no interest
 * @param answers the serial number of the call that this answers; 0 for none
 * @param text the first value of the body if it is a text or an object's path, also in a variant; else empty
 * @param error the name of the error, if it is one
 */
record DBusMessage(int type, int answers, String text, String error) {
    /** What a method is called with. */
    sealed interface Argument {
        record Unsigned(int value) implements Argument {}

        record Text(String value) implements Argument {}
    }

    static final int REPLY = 2;
    static final int ERROR = 3;
    static final int FIXED = 16;

    private static final int CALL = 1;
    private static final byte PATH = 1;
    private static final byte INTERFACE = 2;
    private static final byte MEMBER = 3;
    private static final byte ERROR_NAME = 4;
    private static final byte REPLY_SERIAL = 5;
    private static final byte DESTINATION = 6;
    private static final byte SIGNATURE = 8;
    private static final int EIGHT = 8;
    private static final int LONGEST = 1 << 20;

    /** The bytes of a call. */
    static byte[] call(
            int serial, String destination, String path, String api, String member, List<Argument> arguments) {
        var body = new Writer();
        arguments.forEach(body::argument);
        var fields = new Writer();
        fields.field(PATH, "o", path);
        fields.field(INTERFACE, "s", api);
        fields.field(MEMBER, "s", member);
        fields.field(DESTINATION, "s", destination);
        if (!arguments.isEmpty()) {
            fields.field(
                    SIGNATURE,
                    "g",
                    arguments.stream()
                            .map(argument -> argument instanceof Argument.Unsigned ? "u" : "s")
                            .collect(Collectors.joining()));
        }
        var message = new Writer();
        message.bytes('l', CALL, 0, 1);
        message.number(body.size());
        message.number(serial);
        message.number(fields.size());
        message.append(fields);
        message.align(EIGHT);
        message.append(body);
        return message.toByteArray();
    }

    /** How many bytes come behind the first {@link #FIXED}. */
    static int rest(ByteBuffer fixed) throws IOException {
        if (fixed.get(0) != 'l') {
            throw new IOException("the bus speaks with the highest byte first, expected the lowest first");
        }
        fixed.order(ByteOrder.LITTLE_ENDIAN);
        long body = Integer.toUnsignedLong(fixed.getInt(4));
        long fields = Integer.toUnsignedLong(fixed.getInt(FIXED - 4));
        long rest = (fields + EIGHT - 1) / EIGHT * EIGHT + body;
        if (rest > LONGEST) {
            throw new IOException("the bus sends a message of " + rest + " bytes, expected at most " + LONGEST);
        }
        return (int) rest;
    }

    /** @param whole from its first byte */
    static DBusMessage parse(ByteBuffer whole) throws IOException {
        whole.order(ByteOrder.LITTLE_ENDIAN);
        int type = whole.get(1);
        int fieldsEnd = FIXED + whole.getInt(FIXED - 4);
        whole.position(FIXED);
        int answers = 0;
        String error = "";
        String signature = "";
        try {
            while (whole.position() < fieldsEnd) {
                align(whole, EIGHT);
                byte field = whole.get();
                var kind = signature(whole);
                switch (kind) {
                    case "u" -> {
                        int value = number(whole);
                        answers = field == REPLY_SERIAL ? value : answers;
                    }
                    case "g" -> {
                        var value = signature(whole);
                        signature = field == SIGNATURE ? value : signature;
                    }
                    case "s", "o" -> {
                        var value = text(whole);
                        error = field == ERROR_NAME ? value : error;
                    }
                    default -> throw new IOException("the bus sends a header field of the type " + kind);
                }
            }
            align(whole, EIGHT);
            return new DBusMessage(type, answers, firstText(whole, signature), error);
        } catch (BufferUnderflowException | IllegalArgumentException e) {
            throw new IOException("the bus sends a message that ends in the middle", e);
        }
    }

    private static String firstText(ByteBuffer body, String signature) {
        var kind = signature.startsWith("v") ? signature(body) : signature;
        return kind.startsWith("s") || kind.startsWith("o") ? text(body) : "";
    }

    private static void align(ByteBuffer buffer, int to) {
        buffer.position((buffer.position() + to - 1) / to * to);
    }

    private static int number(ByteBuffer buffer) {
        align(buffer, 4);
        return buffer.getInt();
    }

    private static String text(ByteBuffer buffer) {
        return text(buffer, number(buffer));
    }

    private static String signature(ByteBuffer buffer) {
        return text(buffer, Byte.toUnsignedInt(buffer.get()));
    }

    private static String text(ByteBuffer buffer, int length) {
        if (length < 0 || length >= buffer.remaining()) {
            throw new BufferUnderflowException();
        }
        var bytes = new byte[length];
        buffer.get(bytes);
        buffer.get();
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static final class Writer {
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();

        int size() {
            return out.size();
        }

        byte[] toByteArray() {
            return out.toByteArray();
        }

        void bytes(int... values) {
            Arrays.stream(values).forEach(out::write);
        }

        void append(Writer other) {
            out.writeBytes(other.toByteArray());
        }

        void align(int to) {
            while (out.size() % to != 0) {
                out.write(0);
            }
        }

        void number(int value) {
            align(4);
            bytes(value, value >>> 8, value >>> 16, value >>> 24);
        }

        void text(String value) {
            var bytes = value.getBytes(StandardCharsets.UTF_8);
            number(bytes.length);
            out.writeBytes(bytes);
            out.write(0);
        }

        void signature(String value) {
            out.write(value.length());
            out.writeBytes(value.getBytes(StandardCharsets.US_ASCII));
            out.write(0);
        }

        void argument(Argument argument) {
            switch (argument) {
                case Argument.Unsigned(int value) -> number(value);
                case Argument.Text(String value) -> text(value);
            }
        }

        /** The fields begin at a multiple of eight, so that their own places count as those in the message. */
        void field(byte field, String kind, String value) {
            align(EIGHT);
            out.write(field);
            signature(kind);
            if (kind.equals("g")) {
                signature(value);
            } else {
                text(value);
            }
        }
    }
}
