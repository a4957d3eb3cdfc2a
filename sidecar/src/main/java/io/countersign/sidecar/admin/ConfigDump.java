// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.admin;

import com.google.re2j.Pattern;
import io.countersign.sidecar.exchange.CertificateFacts;
import io.countersign.sidecar.json.Json;
import io.countersign.sidecar.sds.Secret;
import io.countersign.sidecar.sds.SecretSource;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What is configured, and the secrets that came since, in the shape of Envoy's: whole, one list of it ({@code resource}), what has a
 * name ({@code name_regex}), or some fields of each ({@code mask}). Private keys appear nowhere.
 */
final class ConfigDump {
    /** "[redacted]" in Base64, as the field holds bytes. */
    private static final String REDACTED = "W3JlZGFjdGVkXQ==";

    private static final String TYPE = "type.googleapis.com/envoy.admin.v3.";

    private static final String CLUSTER = "type.googleapis.com/envoy.config.cluster.v3.Cluster";
    private static final String LISTENER = "type.googleapis.com/envoy.config.listener.v3.Listener";
    private static final String SECRET = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret";

    private final AdminView view;

    ConfigDump(AdminView view) {
        this.view = view;
    }

    /** A list of things with names. */
    private record Items(String part, String kind, List<Map<String, @Nullable Object>> all) {}

    /** @throws IllegalArgumentException for a question that has no answer */
    Page page(Map<String, String> query) {
        if (query.containsKey("include_eds")) {
            throw new IllegalArgumentException("include_eds is not supported; endpoints are shown by /clusters");
        }
        AdminPages.only(query, List.of("resource", "mask", "name_regex"));
        var resource = query.getOrDefault("resource", "");
        var mask = FieldMask.of(query.getOrDefault("mask", ""));
        var lists = lists(named(query.getOrDefault("name_regex", "")));
        if (resource.isEmpty()) {
            return whole(lists, mask);
        }
        if (resource.equals("bootstrap")) {
            throw new IllegalArgumentException(
                    "bootstrap is not a repeated field. Use ?mask=bootstrap to get only this field");
        }
        var items = lists.get(resource);
        if (items == null) {
            return Page.status(404, resource + " not found in config dump; there are " + lists.keySet() + "\n");
        }
        var configs = new ArrayList<Map<String, @Nullable Object>>();
        for (var item : items.all()) {
            var typed = typed(items.part() + "." + items.kind());
            typed.putAll(item);
            configs.add(mask.applied(typed)
                    .orElseThrow(() -> new IllegalArgumentException(
                            "FieldMask " + mask + " could not be successfully used; there are " + item.keySet())));
        }
        return page(configs);
    }

    private Page whole(Map<String, Items> lists, FieldMask mask) {
        var parts = new LinkedHashMap<String, Map<String, @Nullable Object>>();
        var bootstrap = typed("BootstrapConfigDump");
        bootstrap.put("bootstrap", view.bootstrap().source());
        parts.put("BootstrapConfigDump", bootstrap);
        lists.forEach((field, items) ->
                parts.computeIfAbsent(items.part(), ConfigDump::typed).put(field, items.all()));
        var masked = parts.values().stream()
                .map(mask::applied)
                .flatMap(Optional::stream)
                .toList();
        if (masked.isEmpty()) {
            throw new IllegalArgumentException(
                    "FieldMask " + mask + " could not be successfully applied to any configs.");
        }
        return page(masked);
    }

    private static Page page(List<Map<String, @Nullable Object>> configs) {
        return Page.json(configs.isEmpty() ? "{}" : Json.write(Map.of("configs", configs)));
    }

    private static Map<String, @Nullable Object> typed(String name) {
        return ofType(TYPE + name);
    }

    private static Map<String, @Nullable Object> ofType(String type) {
        Map<String, @Nullable Object> result = new LinkedHashMap<>();
        result.put("@type", type);
        return result;
    }

    /** The whole name must match, as in Envoy. */
    private static Predicate<Object> named(String regex) {
        return regex.isEmpty()
                ? any -> true
                : new Predicate<>() {
                    private final Pattern pattern = AdminPages.pattern("name_regex", regex);

                    @Override
                    public boolean test(Object name) {
                        return pattern.matches(name.toString());
                    }
                };
    }

    private Map<String, Items> lists(Predicate<Object> named) {
        var lists = new LinkedHashMap<String, Items>();
        lists.put(
                "static_clusters",
                new Items("ClustersConfigDump", "StaticCluster", resources("clusters", "cluster", CLUSTER, named)));
        lists.put(
                "static_listeners",
                new Items(
                        "ListenersConfigDump", "StaticListener", resources("listeners", "listener", LISTENER, named)));
        lists.put("dynamic_active_secrets", new Items("SecretsConfigDump", "DynamicSecret", secrets(true, named)));
        lists.put("dynamic_warming_secrets", new Items("SecretsConfigDump", "DynamicSecret", secrets(false, named)));
        return lists;
    }

    /** As the file has them. */
    private List<Map<String, @Nullable Object>> resources(
            String list, String kind, String type, Predicate<Object> named) {
        var found = new ArrayList<Map<String, @Nullable Object>>();
        if (view.bootstrap().source().get("static_resources") instanceof Map<?, ?> resources
                && resources.get(list) instanceof List<?> all) {
            for (var one : all) {
                if (one instanceof Map<?, ?> fields && named.test(String.valueOf(fields.get("name")))) {
                    var typed = ofType(type);
                    fields.forEach((key, value) -> typed.put(String.valueOf(key), value));
                    Map<String, @Nullable Object> item = new LinkedHashMap<>();
                    item.put(kind, typed);
                    found.add(item);
                }
            }
        }
        return found;
    }

    private List<Map<String, @Nullable Object>> secrets(boolean there, Predicate<Object> named) {
        var found = new ArrayList<Map<String, @Nullable Object>>();
        for (var subscription : view.secrets().all()) {
            var current = subscription.current();
            if (current.isPresent() == there && named.test(subscription.ref().name())) {
                Map<String, @Nullable Object> one = new LinkedHashMap<>();
                one.put("name", subscription.ref().name());
                current.ifPresent(secret -> {
                    one.put("version_info", subscription.version());
                    one.put("last_updated", subscription.updated().toString());
                    one.put("secret", shown(subscription, secret));
                });
                found.add(one);
            }
        }
        return found;
    }

    private static Map<String, @Nullable Object> shown(SecretSource subscription, Secret secret) {
        var result = ofType(SECRET);
        result.put("name", subscription.ref().name());
        switch (secret) {
            case Secret.Identity identity ->
                result.put(
                        "tls_certificate",
                        new TreeMap<>(Map.of(
                                "certificate_chain", Map.of("inline_bytes", base64(pem(identity.chain()))),
                                "private_key", Map.of("inline_bytes", REDACTED))));
            case Secret.Trust trust ->
                result.put(
                        "validation_context",
                        switch (trust.anchors()) {
                            case Secret.Anchors.Plain plain ->
                                Map.of("trusted_ca", Map.of("inline_bytes", base64(pem(plain.authorities()))));
                            case Secret.Anchors.PerTrustDomain domains -> {
                                var shown = new LinkedHashMap<String, String>();
                                domains.authorities().forEach((name, list) -> shown.put(name, pem(list)));
                                yield Map.of("trust_domains", shown);
                            }
                        });
        }
        return result;
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static String pem(List<X509Certificate> certificates) {
        var out = new StringBuilder();
        certificates.forEach(
                certificate -> out.append(CertificateFacts.of(certificate).pem()));
        return out.toString();
    }
}
