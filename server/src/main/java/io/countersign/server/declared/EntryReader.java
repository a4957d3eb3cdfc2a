// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.declared;

import io.countersign.server.declared.YamlBlock.Element;
import io.countersign.server.wire.Ids;
import io.countersign.server.wire.Selectors;
import io.countersign.serverapi.types.Entry;
import io.countersign.serverapi.types.Entry.AdditionalAttributes;
import io.countersign.serverapi.types.Selector;
import io.countersign.spiffe.SpiffeId;
import io.countersign.spiffe.TrustDomain;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/** Reads one entry, in the names of the JSON that {@code entry create -data} takes. */
final class EntryReader {
    private EntryReader() {}

    static DeclaredEntry read(YamlBlock block) {
        try (block) {
            var entry = Entry.newBuilder();
            id(block, "entry_id").ifPresent(entry::setId);
            required(block, "spiffe_id").map(Ids::message).ifPresent(entry::setSpiffeId);
            required(block, "parent_id").map(Ids::message).ifPresent(entry::setParentId);
            entry.addAllSelectors(selectors(block))
                    .setX509SvidTtl((int) block.number("x509_svid_ttl", Integer.MAX_VALUE))
                    .setJwtSvidTtl((int) block.number("jwt_svid_ttl", Integer.MAX_VALUE))
                    .addAllFederatesWith(block.texts(
                            "federates_with", text -> TrustDomain.parse(text).name()))
                    .setAdmin(block.bool("admin"))
                    .setDownstream(block.bool("downstream"))
                    .setExpiresAt(expiry(block))
                    .addAllDnsNames(block.texts("dns_names", text -> text))
                    .setStoreSvid(block.bool("store_svid"));
            block.text("hint").ifPresent(entry::setHint);
            block.block("additional_attributes")
                    .map(EntryReader::attributes)
                    .filter(attributes -> !attributes.equals(AdditionalAttributes.getDefaultInstance()))
                    .ifPresent(entry::setAdditionalAttributes);
            return new DeclaredEntry(entry.build(), block.path(), block.line(""));
        }
    }

    private static Optional<String> id(YamlBlock block, String key) {
        return block.text(key, text -> {
            if (text.isEmpty()) {
                throw new IllegalArgumentException("is empty; leave it out, or give the entry an ID");
            }
            return text;
        });
    }

    private static Optional<SpiffeId> required(YamlBlock block, String key) {
        if (!block.has(key)) {
            block.problem(key, "is missing, expected a SPIFFE ID");
        }
        return block.text(key, SpiffeId::parse);
    }

    private static List<Selector> selectors(YamlBlock block) {
        if (!block.has("selectors")) {
            block.problem("selectors", "is missing, expected a list like [\"unix:uid:1000\"]");
            return List.of();
        }
        var selectors = new ArrayList<Selector>();
        for (var element : block.elements("selectors")) {
            selector(block, element).ifPresent(selector -> {
                if (selectors.contains(selector)) {
                    block.problem(element, "\"" + Selectors.text(selector) + "\" is there twice");
                }
                selectors.add(selector);
            });
        }
        if (block.isEmptyList("selectors")) {
            block.problem("selectors", "has no selector, expected at least one");
        }
        return selectors;
    }

    /** {@code "type:value"}, or as in the JSON {@code {"type": …, "value": …}}. */
    private static Optional<Selector> selector(YamlBlock block, Element element) {
        if (element.node() instanceof MappingNode) {
            return block.block(element).map(inner -> {
                try (inner) {
                    return Selector.newBuilder()
                            .setType(part(inner, "type"))
                            .setValue(part(inner, "value"))
                            .build();
                }
            });
        }
        try {
            var text = element.node() instanceof ScalarNode scalar ? scalar.getValue() : "";
            return Optional.of(Selectors.parse(text));
        } catch (IllegalArgumentException e) {
            block.problem(element, String.valueOf(e.getMessage()));
            return Optional.empty();
        }
    }

    private static String part(YamlBlock block, String key) {
        if (!block.has(key)) {
            block.problem(key, "is missing");
        }
        return block.text(key).orElse("");
    }

    /** {@code expires_at}, or {@code entryExpiry} as in the JSON; seconds since 1970 or a time of RFC 3339. */
    private static long expiry(YamlBlock block) {
        if (block.has("expires_at") && block.has("entryExpiry")) {
            block.problem("entryExpiry", "says the same as expires_at, expected one of them");
        }
        var key = block.has("entryExpiry") && !block.has("expires_at") ? "entryExpiry" : "expires_at";
        return block.isNumber(key)
                ? block.number(key, Long.MAX_VALUE)
                : block.text(key, EntryReader::time).orElse(0L);
    }

    private static long time(String text) {
        try {
            long second = Instant.from(DateTimeFormatter.ISO_OFFSET_DATE_TIME.parse(text))
                    .getEpochSecond();
            if (second <= 0) {
                throw new IllegalArgumentException("is \"" + text + "\", expected a time after 1970");
            }
            return second;
        } catch (DateTimeException e) {
            throw new IllegalArgumentException(
                    "is \"" + text + "\", expected a time like 2030-01-31T12:00:00Z or seconds since 1970", e);
        }
    }

    private static AdditionalAttributes attributes(YamlBlock block) {
        try (block) {
            return AdditionalAttributes.newBuilder()
                    .setDisableX509SvidPrefetch(block.bool("disable_x509_svid_prefetch"))
                    .setJwtSvidIncludeJti(block.bool("jwt_svid_include_jti"))
                    .build();
        }
    }
}
