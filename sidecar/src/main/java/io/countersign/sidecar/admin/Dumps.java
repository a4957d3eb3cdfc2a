// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.admin;

import io.countersign.sidecar.exchange.CertificateFacts;
import io.countersign.sidecar.json.Json;
import io.countersign.sidecar.sds.Secret;
import io.countersign.sidecar.sds.SecretSource;
import io.countersign.sidecar.upstream.UpstreamCluster;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The larger pages, in the shapes of Envoy's. Private keys appear nowhere. */
final class Dumps {
    /** "[redacted]" in Base64, as the field holds bytes. */
    private static final String REDACTED = "W3JlZGFjdGVkXQ==";

    private final AdminView view;

    Dumps(AdminView view) {
        this.view = view;
    }

    String serverInfo() {
        Map<String, @Nullable Object> info = new LinkedHashMap<>();
        info.put("version", "countersign/" + view.version());
        info.put("state", view.lifecycle().state().name());
        info.put("uptime_current_epoch", view.lifecycle().uptime().toSeconds() + "s");
        info.put("uptime_all_epochs", view.lifecycle().uptime().toSeconds() + "s");
        info.put("hot_restart_version", "disabled");
        info.put("command_line_options", Map.of("config_path", view.file().toString()));
        info.put("node", node());
        info.put("hot_restart_initializing", false);
        return Json.write(info);
    }

    private Map<String, Object> node() {
        var node = view.bootstrap().node();
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("id", node.id());
        result.put("cluster", node.cluster());
        result.put("metadata", node.metadata());
        return result;
    }

    /** Own chains, each with the authorities; those of the SPIFFE validator name their trust domain in the path. */
    String certs() {
        var certificates = new ArrayList<Map<String, Object>>();
        for (var subscription : view.secrets().all()) {
            subscription.current().ifPresent(secret -> certificates.add(certificate(secret)));
        }
        return Json.write(Map.of("certificates", certificates));
    }

    private static Map<String, Object> certificate(Secret secret) {
        Map<String, Object> result = new LinkedHashMap<>();
        switch (secret) {
            case Secret.Identity identity -> {
                result.put("ca_cert", List.of());
                result.put("cert_chain", described(identity.chain(), "<inline>"));
            }
            case Secret.Trust trust -> {
                result.put("ca_cert", authorities(trust.anchors()));
                result.put("cert_chain", List.of());
            }
        }
        return result;
    }

    private static List<Object> authorities(Secret.Anchors anchors) {
        return switch (anchors) {
            case Secret.Anchors.Plain plain -> described(plain.authorities(), "<inline>");
            case Secret.Anchors.PerTrustDomain domains -> {
                var all = new ArrayList<Object>();
                domains.authorities()
                        .forEach((name, authorities) -> all.addAll(described(authorities, name + ": <inline>")));
                yield all;
            }
        };
    }

    private static List<Object> described(List<X509Certificate> certificates, String path) {
        var result = new ArrayList<Object>();
        for (var certificate : certificates) {
            var facts = CertificateFacts.of(certificate);
            var names = new ArrayList<Map<String, String>>();
            facts.uriSans().forEach(uri -> names.add(Map.of("uri", uri)));
            facts.dnsSans().forEach(dns -> names.add(Map.of("dns", dns)));
            var expires = certificate.getNotAfter().toInstant();
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("path", path);
            one.put("serial_number", facts.serial());
            one.put("subject_alt_names", names);
            one.put(
                    "days_until_expiration",
                    String.valueOf(
                            Math.max(0, Duration.between(Instant.now(), expires).toDays())));
            one.put("valid_from", certificate.getNotBefore().toInstant().toString());
            one.put("expiration_time", expires.toString());
            result.add(one);
        }
        return result;
    }

    String configDump() {
        var configs = new ArrayList<Map<String, Object>>();
        var type = "type.googleapis.com/envoy.admin.v3.";
        Map<String, Object> bootstrap = new LinkedHashMap<>();
        bootstrap.put("@type", type + "BootstrapConfigDump");
        bootstrap.put("bootstrap", view.bootstrap().source());
        configs.add(bootstrap);
        configs.add(secrets(type));
        return Json.write(Map.of("configs", configs));
    }

    private Map<String, Object> secrets(String type) {
        var active = new ArrayList<Map<String, Object>>();
        var warming = new ArrayList<Map<String, Object>>();
        for (var subscription : view.secrets().all()) {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("name", subscription.ref().name());
            if (subscription.current().isEmpty()) {
                warming.add(one);
                continue;
            }
            one.put("version_info", subscription.version());
            one.put("last_updated", subscription.updated().toString());
            one.put("secret", shown(subscription, subscription.current().get()));
            active.add(one);
        }
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("@type", type + "SecretsConfigDump");
        result.put("dynamic_active_secrets", active);
        result.put("dynamic_warming_secrets", warming);
        return result;
    }

    private static Map<String, Object> shown(SecretSource subscription, Secret secret) {
        Map<String, Object> result = new LinkedHashMap<>();
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

    String initDump() {
        var waiting = view.secrets().all().stream()
                .filter(subscription -> subscription.current().isEmpty())
                .map(subscription -> "sds secret " + subscription.ref().name())
                .toList();
        if (waiting.isEmpty()) {
            return "{}\n";
        }
        return Json.write(Map.of(
                "unready_targets_dumps",
                List.of(new TreeMap<>(Map.of("name", "init manager Server", "target_names", waiting)))));
    }

    String clustersText() {
        var out = new StringBuilder();
        view.clusters().forEach((name, cluster) -> {
            out.append(name)
                    .append("::default_priority::max_requests::")
                    .append(cluster.config().limits().requests())
                    .append('\n');
            for (var address : cluster.addresses()) {
                var prefix = name + "::" + text(address) + "::";
                out.append(prefix)
                        .append("rq_active::")
                        .append(cluster.activeRequests())
                        .append('\n');
                out.append(prefix)
                        .append("health_flags::")
                        .append(cluster.isHealthy(address) ? "healthy" : "/failed_active_hc")
                        .append('\n');
            }
        });
        return out.toString();
    }

    String clustersJson() {
        var statuses = new ArrayList<Map<String, Object>>();
        view.clusters().forEach((name, cluster) -> {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("name", name);
            one.put(
                    "host_statuses",
                    cluster.addresses().stream()
                            .map(address -> new TreeMap<>(
                                    Map.of("address", address(address), "health_status", health(cluster, address))))
                            .toList());
            statuses.add(one);
        });
        return Json.write(Map.of("cluster_statuses", statuses));
    }

    private static Map<String, Object> health(UpstreamCluster cluster, SocketAddress address) {
        var health = new TreeMap<String, Object>(Map.of("eds_health_status", "HEALTHY"));
        if (!cluster.isHealthy(address)) {
            health.put("failed_active_health_check", true);
        }
        return health;
    }

    String listenersText() {
        var out = new StringBuilder();
        for (var listener : view.listeners()) {
            listener.address()
                    .ifPresent(address -> out.append(listener.config().name())
                            .append("::")
                            .append(text(address))
                            .append('\n'));
        }
        return out.toString();
    }

    String listenersJson() {
        var statuses = new ArrayList<Map<String, Object>>();
        for (var listener : view.listeners()) {
            listener.address().ifPresent(address -> {
                Map<String, Object> one = new LinkedHashMap<>();
                one.put("name", listener.config().name());
                one.put("local_address", address(address));
                statuses.add(one);
            });
        }
        return Json.write(Map.of("listener_statuses", statuses));
    }

    String memory() {
        var runtime = Runtime.getRuntime();
        return Json.write(new TreeMap<>(Map.of(
                "allocated", String.valueOf(runtime.totalMemory() - runtime.freeMemory()),
                "heap_size", String.valueOf(runtime.totalMemory()))));
    }

    private static String text(SocketAddress address) {
        return address instanceof InetSocketAddress inet && inet.getAddress() != null
                ? inet.getAddress().getHostAddress() + ":" + inet.getPort()
                : address.toString();
    }

    private static Map<String, Object> address(SocketAddress address) {
        return address instanceof InetSocketAddress inet && inet.getAddress() != null
                ? Map.of(
                        "socket_address",
                        new TreeMap<>(
                                Map.of("address", inet.getAddress().getHostAddress(), "port_value", inet.getPort())))
                : Map.of("pipe", Map.of("path", address.toString()));
    }
}
