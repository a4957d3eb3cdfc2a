// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.role;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.countersign.server.wire.Results;
import io.grpc.Status.Code;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * A repeated field, item by item.
 *
 * @param refusals why each is refused, in order; nothing where it is not
 */
record Batch(String field, List<Object> items, List<Optional<String>> refusals) {
    static final Batch NONE = new Batch("", List.of(), List.of());

    Batch {
        items = List.copyOf(items);
        refusals = List.copyOf(refusals);
    }

    static Batch of(Message message, String field, Function<Object, Optional<String>> refusal) {
        var items = new ArrayList<Object>((List<?>) message.getField(field(message, field)));
        return new Batch(field, items, items.stream().map(refusal).toList());
    }

    /** The message without the items that are refused. */
    Message allowed(Message message) {
        if (refusals.stream().allMatch(Optional::isEmpty)) {
            return message;
        }
        var repeated = field(message, field);
        var builder = message.toBuilder().clearField(repeated);
        for (int i = 0; i < items.size(); i++) {
            if (refusals.get(i).isEmpty()) {
                builder.addRepeatedField(repeated, items.get(i));
            }
        }
        return builder.build();
    }

    /** The answer to the items that were let through, with the refusals of the others in their places. */
    Message answered(Message answer) {
        if (refusals.stream().allMatch(Optional::isEmpty)) {
            return answer;
        }
        var results = field(answer, "results");
        var answers = ((List<?>) answer.getField(results)).iterator();
        var builder = answer.toBuilder().clearField(results);
        for (int i = 0; i < items.size(); i++) {
            var refusal = refusals.get(i);
            builder.addRepeatedField(
                    results,
                    refusal.isEmpty()
                            ? answers.next()
                            : refused(builder.newBuilderForField(results), items.get(i), refusal.get()));
        }
        return builder.build();
    }

    private static Message refused(Message.Builder result, Object item, String why) {
        result.setField(
                result.getDescriptorForType().findFieldByName("status"), Results.of(Code.PERMISSION_DENIED, why));
        // of what is named by its id alone, each result says it
        if (item instanceof String id) {
            result.setField(result.getDescriptorForType().findFieldByName("id"), id);
        }
        return result.build();
    }

    private static FieldDescriptor field(Message message, String name) {
        return message.getDescriptorForType().findFieldByName(name);
    }
}
