// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.admin;

import io.countersign.sidecar.exchange.CertificateFacts;
import io.countersign.sidecar.json.Json;
import io.countersign.sidecar.sds.Secret;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Who this sidecar is, what it shows and where it listens, in the shapes of Envoy's pages. */
final class Dumps {
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

    static String text(SocketAddress address) {
        return address instanceof InetSocketAddress inet && inet.getAddress() != null
                ? inet.getAddress().getHostAddress() + ":" + inet.getPort()
                : address.toString();
    }

    static Map<String, Object> address(SocketAddress address) {
        return address instanceof InetSocketAddress inet && inet.getAddress() != null
                ? Map.of(
                        "socket_address",
                        new TreeMap<>(
                                Map.of("address", inet.getAddress().getHostAddress(), "port_value", inet.getPort())))
                : Map.of("pipe", Map.of("path", address.toString()));
    }
}
