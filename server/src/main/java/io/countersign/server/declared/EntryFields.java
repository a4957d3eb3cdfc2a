// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.declared;

import io.countersign.server.wire.Ids;
import io.countersign.server.wire.Selectors;
import io.countersign.serverapi.types.Entry;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a file says of an entry, by the keys of the file and in their order; what is as it is without being said is left
 * out. Two entries are the same if their fields are equal, whatever the order in which a server keeps selectors.
 */
final class EntryFields {
    private static final long LATEST = Instant.parse("9999-12-31T23:59:59Z").getEpochSecond();

    private EntryFields() {}

    /** The values are texts, numbers, booleans, lists of texts, and for the attributes a map. */
    static Map<String, Object> of(Entry entry) {
        var fields = new LinkedHashMap<String, Object>();
        fields.put("spiffe_id", Ids.text(entry.getSpiffeId()));
        fields.put("parent_id", Ids.text(entry.getParentId()));
        fields.put("selectors", Selectors.texts(entry.getSelectorsList()));
        put(fields, "x509_svid_ttl", entry.getX509SvidTtl(), 0);
        put(fields, "jwt_svid_ttl", entry.getJwtSvidTtl(), 0);
        put(
                fields,
                "federates_with",
                entry.getFederatesWithList().stream().sorted().toList(),
                List.of());
        put(fields, "admin", entry.getAdmin(), false);
        put(fields, "downstream", entry.getDownstream(), false);
        if (entry.getExpiresAt() != 0) {
            fields.put("expires_at", time(entry.getExpiresAt()));
        }
        // the first one becomes the common name of certificates, so that the order counts
        put(fields, "dns_names", List.copyOf(entry.getDnsNamesList()), List.of());
        put(fields, "store_svid", entry.getStoreSvid(), false);
        put(fields, "hint", entry.getHint(), "");
        put(fields, "additional_attributes", attributes(entry), Map.of());
        return fields;
    }

    /** RFC 3339 has years of four digits; what lies beyond stays a number of seconds. */
    private static Object time(long second) {
        return second > 0 && second <= LATEST ? Instant.ofEpochSecond(second).toString() : (Object) second;
    }

    private static Map<String, Object> attributes(Entry entry) {
        var attributes = new TreeMap<String, Object>();
        put(
                attributes,
                "disable_x509_svid_prefetch",
                entry.getAdditionalAttributes().getDisableX509SvidPrefetch(),
                false);
        put(attributes, "jwt_svid_include_jti", entry.getAdditionalAttributes().getJwtSvidIncludeJti(), false);
        return attributes;
    }

    private static void put(Map<String, Object> fields, String key, Object value, Object standard) {
        if (!value.equals(standard)) {
            fields.put(key, value);
        }
    }

    /** One line for each value, {@code - } in front of what goes and {@code + } in front of what comes. */
    static List<String> difference(Map<String, Object> is, Map<String, Object> wanted) {
        var keys = new LinkedHashMap<>(is);
        keys.putAll(wanted);
        var lines = new ArrayList<String>();
        for (var key : keys.keySet()) {
            var before = values(is.get(key));
            var after = values(wanted.get(key));
            if (before.size() == after.size() && before.containsAll(after) && !before.equals(after)) {
                lines.add("- " + key + ": " + String.join(", ", before));
                lines.add("+ " + key + ": " + String.join(", ", after));
                continue;
            }
            before.stream()
                    .filter(value -> !after.contains(value))
                    .forEach(value -> lines.add("- " + key + ": " + value));
            after.stream()
                    .filter(value -> !before.contains(value))
                    .forEach(value -> lines.add("+ " + key + ": " + value));
        }
        return lines;
    }

    private static List<String> values(@Nullable Object value) {
        return switch (value) {
            case null -> List.of();
            case List<?> list -> list.stream().map(String::valueOf).toList();
            case Map<?, ?> map ->
                map.entrySet().stream()
                        .map(entry -> entry.getKey() + " " + entry.getValue())
                        .toList();
            default -> List.of(String.valueOf(value));
        };
    }
}
