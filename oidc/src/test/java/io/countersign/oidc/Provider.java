// SPDX-License-Identifier: Apache-2.0
package io.countersign.oidc;

import io.countersign.launch.config.ConfigFile;
import io.countersign.oidc.config.OidcConfigFile;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;

/** A running provider on a free port of the loopback, and an HTTP client. */
final class Provider implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final DiscoveryProvider provider;
    private final HttpClient http = HttpClient.newHttpClient();

    private Provider(DiscoveryProvider provider) {
        this.provider = provider;
    }

    /** @param more what its file says besides where it listens */
    static Provider start(String more, InstantSource clock) throws IOException {
        var text = "insecure_addr = \"127.0.0.1:0\"\n" + more;
        var config = OidcConfigFile.read(ConfigFile.parse(text, "oidc-discovery-provider.conf"));
        return new Provider(DiscoveryProvider.start(config, clock));
    }

    String address() {
        return "http://127.0.0.1:" + provider.port();
    }

    HttpResponse<String> ask(String method, String path, Map<String, String> headers) throws Exception {
        return ask(method, URI.create(address() + path), headers);
    }

    HttpResponse<String> get(String path) throws Exception {
        return ask("GET", path, Map.of());
    }

    HttpResponse<String> probe(String method, String path) throws Exception {
        int port = provider.probePort().orElseThrow();
        return ask(method, URI.create("http://127.0.0.1:" + port + path), Map.of());
    }

    private HttpResponse<String> ask(String method, URI uri, Map<String, String> headers) throws Exception {
        var request = HttpRequest.newBuilder(uri).timeout(PATIENCE).method(method, HttpRequest.BodyPublishers.noBody());
        headers.forEach(request::header);
        return http.send(request.build(), BodyHandlers.ofString());
    }

    /** Waits for the first keys. */
    Provider withKeys() {
        Eventually.holds("keys are there", () -> get("/keys").statusCode() == 200);
        return this;
    }

    @Override
    public void close() {
        http.close();
        provider.close();
    }
}
