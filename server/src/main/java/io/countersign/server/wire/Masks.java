// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.wire;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;

/** Masks of the API: messages of booleans whose field numbers are those of the fields that they stand for. */
public final class Masks {
    private Masks() {}

    /** The message without the fields that the mask leaves out. Fields that the mask does not know stay. */
    @SuppressWarnings("unchecked") // a builder builds what it came from
    public static <M extends Message> M shown(M message, Message mask) {
        var builder = message.toBuilder();
        for (var wanted : mask.getDescriptorForType().getFields()) {
            if (!isSet(mask, wanted)) {
                builder.clearField(field(message, wanted));
            }
        }
        return (M) builder.build();
    }

    /** {@code old} with the fields that the mask names taken from {@code given}. */
    @SuppressWarnings("unchecked") // a builder builds what it came from
    public static <M extends Message> M merged(M old, M given, Message mask) {
        var builder = old.toBuilder();
        for (var wanted : mask.getDescriptorForType().getFields()) {
            if (isSet(mask, wanted)) {
                var field = field(old, wanted);
                builder.clearField(field);
                if (field.isRepeated() || !field.hasPresence() || given.hasField(field)) {
                    builder.setField(field, given.getField(field));
                }
            }
        }
        return (M) builder.build();
    }

    private static boolean isSet(Message mask, FieldDescriptor field) {
        return Boolean.TRUE.equals(mask.getField(field));
    }

    private static FieldDescriptor field(Message message, FieldDescriptor wanted) {
        return message.getDescriptorForType().findFieldByNumber(wanted.getNumber());
    }
}
