// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.sidecar;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.countersign.it.differential.Answer;
import io.countersign.it.process.Side;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What people, probes and scrapers are told. Run last: the counters have counted all cases before. */
final class AdminCases {
    /** Counted alike whatever connections are reused and whoever closes first. */
    private static final Pattern COUNTED = Pattern.compile(
            "http\\.(inbound|federated|h2|naive|edge|hosts|xfcc-[a-z-]+)\\.(rbac\\.(policy\\.[a-z-]+\\.)?"
                    + "(allowed|denied|shadow_allowed|shadow_denied)"
                    + "|downstream_rq_(2xx|4xx|total))"
                    + "|listener\\..*\\.ssl\\.(fail_verify_no_cert|fail_verify_san|no_certificate)"
                    + "|sds\\.[^.]*\\.(update_rejected)|server\\.live"
                    + "|listener_manager\\.total_listeners_active|cluster_manager\\.active_clusters"
                    + "|cluster\\.(good|wrong-name|foreign)\\.(upstream_rq_(200|503)|ssl\\.fail_verify_(san|error))");

    /** What Envoy does not count, or not as a cluster: a service that is named by the path of its socket. */
    private static final Pattern OWN = Pattern.compile("closed_at_expiry|envoy_cluster_sock_");

    private AdminCases() {}

    static List<Case> all() {
        return List.of(
                page("GET", "/ready", text -> text),
                page("HEAD", "/ready", text -> text),
                page("POST", "/ready", text -> text),
                page("GET", "/nothing", AdminCases::firstLine),
                page("GET", "/help", AdminCases::firstLine),
                page("GET", "/quitquitquit", text -> text),
                page("GET", "/healthcheck/fail", text -> text),
                page("GET", "/drain_listeners", text -> text),
                page("GET", "/reset_counters", text -> text),
                page("GET", "/logging", text -> text),
                page("POST", "/logging?level=info", AdminCases::firstLine),
                page("POST", "/healthcheck/fail", text -> text),
                named("failed", page("GET", "/ready", text -> text)),
                page("POST", "/healthcheck/ok", text -> text),
                named("mended", page("GET", "/ready", text -> text)),
                page("GET", "/server_info", AdminCases::serverInfo),
                page("GET", "/certs", AdminCases::certificates),
                page("GET", "/init_dump", text -> text),
                page(
                        "GET",
                        "/memory",
                        text -> lines(JsonParser.parseString(text).getAsJsonObject().keySet().stream()
                                .filter(List.of("allocated", "heap_size")::contains))),
                page("GET", "/listeners", AdminCases::sorted),
                page("GET", "/listeners?format=json", AdminCases::listeners),
                page("GET", "/clusters", AdminCases::clusters),
                page("GET", "/clusters?format=json", AdminCases::clusterStatuses),
                page("GET", "/config_dump", AdminCases::secrets),
                page("GET", "/stats?filter=server.live", text -> text),
                page("GET", "/stats?filter=server.live&format=json", text -> text),
                page("GET", "/stats?format=prometheus&filter=server.live", text -> text),
                page("GET", "/stats/prometheus?filter=server.live", text -> text),
                page("GET", "/stats", AdminCases::counted),
                page("GET", "/stats/prometheus?filter=rq_2xx", AdminCases::families),
                samples("admin: everything that ours has for Prometheus", main -> main),
                page("GET", "/config_dump?resource=dynamic_active_secrets&mask=name", AdminCases::names),
                page(
                        "GET",
                        "/config_dump?resource=static_clusters&mask=cluster.name&name_regex=go.*",
                        AdminCases::names),
                page("GET", "/config_dump?resource=static_listeners&name_regex=inboun", String::strip),
                refused("/config_dump?resource=bootstrap"),
                refused("/config_dump?resource=nothing"),
                refused("/config_dump?mask=nothing"),
                page("POST", "/reset_counters", text -> text));
    }

    private static Case named(String more, Case page) {
        return Case.of(page.name() + ", " + more, page);
    }

    /** @param normal puts aside what differs by nature or is a list of what each has */
    private static Case page(String method, String path, UnaryOperator<String> normal) {
        return Case.of("admin: " + method + " " + path, sidecar -> {
            try (var client = Client.plain(sidecar.port("admin"))) {
                client.send(method + " " + path + " HTTP/1.1\nhost: admin\n\n");
                return client.page(method.equals("HEAD"), normal);
            }
        });
    }

    /** Without the headers, some of which Envoy writes twice here, and what ours says beyond Envoy's words. */
    private static Case refused(String path) {
        var asked = page("GET", path, text -> text.split(";")[0].strip());
        return Case.of(asked.name(), sidecar -> {
            var all = asked.ask(sidecar).fields();
            return Answer.empty()
                    .with("status", String.valueOf(all.get("status")))
                    .with("body", String.valueOf(all.get("body")));
        });
    }

    /**
     * Everything that ours counts, measures or tells of the present has Envoy's name, labels and type; Envoy has more.
     *
     * @param which of the sidecars of the same side is asked
     */
    static Case samples(String name, UnaryOperator<Running> which) {
        var ours = new CompletableFuture<Set<String>>();
        return Case.of(name, main -> {
            var sidecar = which.apply(main);
            try (var client = Client.plain(sidecar.port("admin"))) {
                client.send("GET /stats/prometheus HTTP/1.1\nhost: admin\n\n");
                return client.page(false, text -> {
                    var found = samples(text);
                    if (sidecar.side() == Side.OURS) {
                        ours.complete(found);
                    } else {
                        found.retainAll(ours.orTimeout(1, TimeUnit.MINUTES).join());
                    }
                    return lines(found.stream());
                });
            }
        });
    }

    private static Set<String> samples(String text) {
        return text.lines()
                .filter(line -> !OWN.matcher(line).find())
                .map(Normal::text)
                .map(line -> line.startsWith("#") ? line : sample(line))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** Without the value, and with the labels in one order. */
    private static String sample(String line) {
        int begin = line.indexOf('{');
        int end = line.lastIndexOf('}');
        return line.substring(0, begin)
                + Stream.of(line.substring(begin + 1, end).split(",")).sorted().toList();
    }

    private static String names(String text) {
        return lines(objects(text, "configs").map(JsonObject::toString));
    }

    private static String firstLine(String text) {
        return text.lines().findFirst().orElse("");
    }

    private static String lines(Stream<String> lines) {
        return String.join("\n", new TreeSet<>(lines.toList()));
    }

    private static String sorted(String text) {
        return lines(text.lines());
    }

    private static String serverInfo(String text) {
        var info = JsonParser.parseString(text).getAsJsonObject();
        var node = info.getAsJsonObject("node");
        return info.keySet() + " " + info.get("state") + " " + node.get("id") + " " + node.get("cluster");
    }

    /** Every certificate once: Envoy lists them for each context, ours for each secret. */
    private static String certificates(String text) {
        var found = new TreeSet<String>();
        for (var one : JsonParser.parseString(text).getAsJsonObject().getAsJsonArray("certificates")) {
            for (var list : List.of("ca_cert", "cert_chain")) {
                for (var certificate : one.getAsJsonObject().getAsJsonArray(list)) {
                    if (isOfTheNamedTrustDomain(certificate.getAsJsonObject())) {
                        found.add(list + " "
                                + new TreeMap<>(certificate.getAsJsonObject().asMap()));
                    }
                }
            }
        }
        return String.join("\n", found);
    }

    /** Where there are several, Envoy shows the first one's certificate beside the last one's name. */
    private static boolean isOfTheNamedTrustDomain(JsonObject certificate) {
        var path = certificate.get("path").getAsString();
        int end = path.indexOf(": ");
        return end < 0 || certificate.toString().contains("\"spiffe://" + path.substring(0, end) + '"');
    }

    private static Stream<JsonObject> objects(String text, String list) {
        return JsonParser.parseString(text).getAsJsonObject().getAsJsonArray(list).asList().stream()
                .map(JsonElement::getAsJsonObject);
    }

    private static String listeners(String text) {
        return lines(objects(text, "listener_statuses").map(JsonObject::toString));
    }

    /** The kinds of line that ours has. */
    private static String clusters(String text) {
        return lines(text.lines()
                .filter(line -> line.contains("::default_priority::max_")
                        || line.contains("::observability_name::")
                        || line.contains("::added_via_api::")
                        || line.contains("::weight::")
                        // Envoy counts the streams of secrets, which ours does not take for requests
                        || (line.contains("::rq_active::") && !line.startsWith("agent::"))
                        || line.contains("::health_flags::")));
    }

    private static String clusterStatuses(String text) {
        return lines(objects(text, "cluster_statuses").map(cluster -> {
            var hosts = cluster.has("host_statuses") ? cluster.getAsJsonArray("host_statuses") : new JsonArray();
            return cluster.get("name")
                    + lines(hosts.asList().stream()
                            .map(JsonElement::getAsJsonObject)
                            .map(host -> " " + host.get("address") + " " + host.get("health_status")));
        }));
    }

    /** The names of the secrets and the identities among them; where a key would be is nothing to read. */
    private static String secrets(String text) {
        return lines(objects(text, "configs")
                .filter(part -> part.has("dynamic_active_secrets"))
                .flatMap(part -> part.getAsJsonArray("dynamic_active_secrets").asList().stream())
                .map(JsonElement::getAsJsonObject)
                .map(secret -> {
                    var inner = secret.getAsJsonObject("secret");
                    return secret.get("name") + " "
                            + secret.keySet().stream().sorted().toList() + " "
                            + (inner.has("tls_certificate") ? inner.get("tls_certificate") : "a validation context");
                }));
    }

    private static String counted(String text) {
        return lines(text.lines()
                .map(Normal::text)
                .filter(line -> COUNTED.matcher(line.split(": ")[0]).matches())
                // Envoy makes counters before they count
                .filter(line -> !line.endsWith(": 0")));
    }

    private static String families(String text) {
        return lines(text.lines()
                .filter(line -> line.startsWith("envoy_http_downstream_rq_xx{") && line.contains("=\"inbound\""))
                // labels have no order
                .map(line -> lines(Stream.of(line.split("[{},]")))));
    }
}
