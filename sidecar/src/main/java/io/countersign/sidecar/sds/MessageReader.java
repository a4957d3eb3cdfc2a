// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.sds;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Makes a message of what YAML or JSON says, as Envoy reads it: enums in any case, one value in place of a list of one. Errors
 * name fields and never values, which may be keys.
 */
final class MessageReader {
    /** Files are looked at again and again, wherever they are. */
    private static final String WATCHED = "watched_directory";

    private final UnaryOperator<Message> made;
    private final List<Message> known;

    /**
     * @param made gets every message within another, and says what stands there
     * @param known types that may stand where any may
     */
    MessageReader(UnaryOperator<Message> made, Message... known) {
        this.made = made;
        this.known = List.of(known);
    }

    /** @throws IllegalArgumentException if a field is not known or of another type */
    void read(Object source, Message.Builder into) {
        if (!(source instanceof Map<?, ?> map)) {
            throw new IllegalArgumentException(into.getDescriptorForType().getName() + " is no structure");
        }
        map.forEach((key, value) -> {
            var name = String.valueOf(key);
            if (value != null && !name.equals("@type") && !name.equals(WATCHED)) {
                set(field(into, name), value, into);
            }
        });
    }

    private static FieldDescriptor field(Message.Builder builder, String name) {
        return builder.getDescriptorForType().getFields().stream()
                .filter(field ->
                        field.getName().equals(name) || field.getJsonName().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(builder.getDescriptorForType()
                                .getName() + " has a field \"" + name + "\", which is not supported"));
    }

    private void set(FieldDescriptor field, Object value, Message.Builder into) {
        if (field.isRepeated()) {
            for (var item : value instanceof List<?> list ? list : List.of(value)) {
                into.addRepeatedField(field, single(field, item, into));
            }
        } else {
            into.setField(field, single(field, value, into));
        }
    }

    private Object single(FieldDescriptor field, @Nullable Object value, Message.Builder into) {
        if (value == null) {
            throw new IllegalArgumentException(field.getName() + " has an empty item");
        }
        var text = value.toString();
        return switch (field.getJavaType()) {
            case STRING -> text;
            case BYTE_STRING -> bytes(field, text);
            case BOOLEAN -> Boolean.parseBoolean(text);
            case ENUM -> choice(field, text);
            case MESSAGE -> message(field, value, into);
            case INT, LONG, FLOAT, DOUBLE ->
                throw new IllegalArgumentException(field.getName() + " is a number, of which none is read here");
        };
    }

    private static ByteString bytes(FieldDescriptor field, String text) {
        try {
            return ByteString.copyFrom(Base64.getDecoder().decode(text));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(field.getName() + " is no base64", e);
        }
    }

    private static EnumValueDescriptor choice(FieldDescriptor field, String text) {
        return field.getEnumType().getValues().stream()
                .filter(choice -> choice.getName().equalsIgnoreCase(text))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(field.getName() + " is none of "
                        + field.getEnumType().getValues().stream()
                                .map(EnumValueDescriptor::getName)
                                .toList()));
    }

    private Message message(FieldDescriptor field, Object value, Message.Builder into) {
        if (field.getMessageType().equals(Any.getDescriptor())) {
            return any(field, value);
        }
        var inner = into.newBuilderForField(field);
        read(value, inner);
        return made.apply(inner.build());
    }

    private Any any(FieldDescriptor field, Object value) {
        var url = value instanceof Map<?, ?> map ? String.valueOf(map.get("@type")) : "";
        var type = url.substring(url.lastIndexOf('/') + 1);
        var inner = known.stream()
                .filter(message -> message.getDescriptorForType().getFullName().equals(type))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(field.getName() + " has the @type \"" + type
                        + "\", expected one of "
                        + known.stream()
                                .map(message -> message.getDescriptorForType().getFullName())
                                .toList()))
                .newBuilderForType();
        read(value, inner);
        return Any.pack(inner.build());
    }
}
