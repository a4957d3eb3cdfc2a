// SPDX-License-Identifier: Apache-2.0
package io.countersign.frontend;

import io.countersign.launch.LogSettings;
import io.countersign.launch.env.Environment;
import io.countersign.launch.env.EnvironmentException;
import io.countersign.spiffe.SpiffeId;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How the frontend runs; all of it from environment variables.
 *
 * @param backend where the sidecar listens that carries calls to the backend
 * @param identities who is expected at each end
 * @param staticPath a folder with another page than the one built in, or null
 * @param parts which program stands at each place, such as {@code server} and {@code spire-server 1.15.3}, as whoever has
 *     started them says; empty if nobody said
 * @param intruder where the intruder listens, or null if nobody shall try to break in
 */
public record FrontendSettings(
        Listen listen,
        URI backend,
        Identities identities,
        Map<String, String> parts,
        @Nullable Path staticPath,
        @Nullable URI intruder,
        LogSettings log) {
    static final String USAGE = """
            Usage of countersign frontend: the frontend of the demo, with the page. It calls the backend through its
            sidecar. It reads environment variables, here with their defaults:
              LISTEN_HOST=0.0.0.0
                    address to listen on
              PORT=8080
                    port of the page
              BACKEND_URL=http://127.0.0.1:8001
                    where the sidecar listens that carries calls to the backend
              SPIFFE_ID=spiffe://example.org/ns/demo/sa/frontend
              BACKEND_SPIFFE_ID=spiffe://example.org/ns/demo/sa/backend
              POSTGRES_SPIFFE_ID=spiffe://example.org/ns/demo/sa/postgres
                    which identity is expected at each place
              PARTS=
                    which program stands where, such as "server=spire-server 1.15.3,agent=..."; the page shows it
              STATIC_PATH=
                    a folder with an index.html that is shown in the place of the built-in page
              INTRUDER_URL=
                    where the intruder listens; without it the page does not try to break in
              LOG_FORMAT=json
                    json or text
              LOG_LEVEL=info
                    error, warn, info, debug or trace
            """;

    public FrontendSettings {
        parts = Collections.unmodifiableMap(new LinkedHashMap<>(parts));
    }

    public record Listen(String host, int port) {}

    public record Identities(SpiffeId self, SpiffeId backend, SpiffeId postgres) {}

    /** @throws EnvironmentException with everything that is wrong */
    public static FrontendSettings read(Environment environment) {
        var settings = new FrontendSettings(
                new Listen(environment.text("LISTEN_HOST", "0.0.0.0"), environment.port("PORT", 8080)),
                environment.parsed("BACKEND_URL", URI.create("http://127.0.0.1:8001"), FrontendSettings::http),
                new Identities(
                        id(environment, "SPIFFE_ID", "frontend"),
                        id(environment, "BACKEND_SPIFFE_ID", "backend"),
                        id(environment, "POSTGRES_SPIFFE_ID", "postgres")),
                environment.parsed("PARTS", Map.of(), FrontendSettings::parts),
                environment
                        .parsed("STATIC_PATH", Optional.<Path>empty(), text -> Optional.of(page(text)))
                        .orElse(null),
                environment
                        .parsed("INTRUDER_URL", Optional.<URI>empty(), text -> Optional.of(http(text)))
                        .orElse(null),
                environment.logSettings());
        environment.check();
        return settings;
    }

    private static SpiffeId id(Environment environment, String name, String account) {
        return environment.parsed(name, SpiffeId.parse("spiffe://example.org/ns/demo/sa/" + account), SpiffeId::parse);
    }

    private static Map<String, String> parts(String text) {
        var parts = new LinkedHashMap<String, String>();
        for (var part : text.split(",")) {
            var sides = part.split("=", 2);
            if (sides.length != 2 || sides[0].isBlank() || sides[1].isBlank()) {
                throw new IllegalArgumentException(
                        "expected places and programs such as server=spire-server 1.15.3,agent=…");
            }
            parts.put(sides[0].strip(), sides[1].strip());
        }
        return parts;
    }

    private static URI http(String text) {
        var uri = URI.create(text);
        if (!"http".equals(uri.getScheme()) || uri.getHost() == null || uri.getQuery() != null) {
            throw new IllegalArgumentException("expected an address such as http://127.0.0.1:8001");
        }
        return text.endsWith("/") ? URI.create(text.substring(0, text.length() - 1)) : uri;
    }

    private static Path page(String text) {
        var folder = Path.of(text);
        if (!Files.isRegularFile(folder.resolve("index.html"))) {
            throw new IllegalArgumentException("expected a folder with an index.html; unset it for the built-in page");
        }
        return folder;
    }
}
