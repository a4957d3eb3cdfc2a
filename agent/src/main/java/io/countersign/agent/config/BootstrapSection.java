// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.config;

import io.countersign.agent.config.AgentConfig.Rebootstrap;
import io.countersign.agent.config.AgentConfig.RebootstrapMode;
import io.countersign.launch.config.FlaggedBlock;
import io.countersign.launch.config.GoDuration;
import io.countersign.workloadapi.WorkloadApiClient;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The keys that say how a server is trusted for the first time, and when that is done again. */
record BootstrapSection(FlaggedBlock settings) {
    private static final List<String> SOURCES =
            List.of("trust_bundle_path", "trust_bundle_url", "trust_bundle_spiffe_workload_api", "insecure_bootstrap");

    Bootstrap bootstrap() {
        boolean insecure = settings.flag("insecure_bootstrap");
        var path = settings.text("trust_bundle_path");
        var url = settings.text("trust_bundle_url");
        var api = settings.text("trust_bundle_spiffe_workload_api");
        var socket = settings.text("trust_bundle_unix_socket").map(Path::of);
        if (socket.isPresent() && url.isEmpty()) {
            problem(
                    "trust_bundle_unix_socket",
                    "is given without trust_bundle_url, expected both: what is asked for there");
        }
        boolean spiffe = isSpiffe();
        var given = SOURCES.stream()
                .filter(source -> source.equals("insecure_bootstrap")
                        ? insecure
                        : settings.text(source).isPresent())
                .toList();
        for (var surplus : given.stream().skip(1).toList()) {
            problem(surplus, "is given beside " + given.getFirst() + ", expected only one of them");
        }
        if (given.isEmpty()) {
            problem(
                    "trust_bundle_path",
                    "is missing, expected it, trust_bundle_url, trust_bundle_spiffe_workload_api or insecure_bootstrap");
        }
        if (path.isPresent()) {
            var file = Path.of(path.get());
            return spiffe ? new Bootstrap.SpiffeFile(file) : new Bootstrap.PemFile(file);
        }
        return url.flatMap(text -> fromUrl(text, socket, spiffe))
                .or(() -> api.filter(this::isAddress).map(Bootstrap.WorkloadApi::new))
                .orElseGet(Bootstrap.Insecure::new);
    }

    private boolean isSpiffe() {
        var format = settings.text("trust_bundle_format").orElse("pem");
        if (!List.of("pem", "spiffe").contains(format)) {
            problem("trust_bundle_format", "\"" + format + "\" was found, expected pem or spiffe");
        }
        return format.equals("spiffe");
    }

    private Optional<Bootstrap> fromUrl(String text, Optional<Path> socket, boolean spiffe) {
        if (socket.isEmpty()) {
            return url(text, "https").map(place -> new Bootstrap.Url(place, spiffe));
        }
        var place = url(text, "http");
        place.ifPresent(this::leaveRoom);
        return place.map(resource -> new Bootstrap.LocalUrl(socket.get(), resource, spiffe));
    }

    private Optional<URI> url(String text, String scheme) {
        try {
            var url = new URI(text);
            if (scheme.equalsIgnoreCase(url.getScheme()) && url.getHost() != null) {
                return Optional.of(url);
            }
        } catch (URISyntaxException e) {
            problem("trust_bundle_url", "\"" + text + "\" is no URL: " + e.getReason());
            return Optional.empty();
        }
        var where = scheme.equals("http") ? ", as trust_bundle_unix_socket is given" : "";
        problem(
                "trust_bundle_url",
                "\"" + text + "\" was found, expected a URL that starts with " + scheme + "://" + where);
        return Optional.empty();
    }

    /** For what the agent itself says in the query. */
    private void leaveRoom(URI url) {
        for (var pair : Optional.ofNullable(url.getQuery()).orElse("").split("&")) {
            if (pair.startsWith("spiffe-") || pair.startsWith("spire-")) {
                problem(
                        "trust_bundle_url",
                        "has \"" + pair + "\" in its query, expected no name that begins with spiffe- or spire-");
            }
        }
    }

    private boolean isAddress(String text) {
        try (var _ = WorkloadApiClient.connect(text)) {
            return true;
        } catch (IllegalArgumentException e) {
            problem("trust_bundle_spiffe_workload_api", String.valueOf(e.getMessage()));
            return false;
        }
    }

    Rebootstrap rebootstrap() {
        var mode = mode(settings.text("rebootstrap_mode").orElse("never"));
        if (mode != RebootstrapMode.NEVER && settings.flag("insecure_bootstrap")) {
            problem(
                    "rebootstrap_mode",
                    "does not go with insecure_bootstrap: whoever takes the server's place would be believed");
        }
        return new Rebootstrap(
                mode, settings.text("rebootstrap_delay").map(this::delay).orElse(Rebootstrap.STANDARD.delay()));
    }

    private RebootstrapMode mode(String word) {
        return switch (word) {
            case "never" -> RebootstrapMode.NEVER;
            case "auto" -> RebootstrapMode.AUTO;
            case "always" -> RebootstrapMode.ALWAYS;
            default -> {
                problem("rebootstrap_mode", "\"" + word + "\" was found, expected never, auto or always");
                yield RebootstrapMode.NEVER;
            }
        };
    }

    private Duration delay(String text) {
        try {
            return GoDuration.parse(text);
        } catch (IllegalArgumentException e) {
            problem("rebootstrap_delay", "\"" + text + "\" was found, expected a duration like 1h30m");
            return Rebootstrap.STANDARD.delay();
        }
    }

    private void problem(String key, String message) {
        settings.block().problem(key, message);
    }
}
