// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.jwt;

import io.countersign.sidecar.bootstrap.JwtAuthn;
import io.countersign.sidecar.bootstrap.JwtProvider;
import io.countersign.sidecar.upstream.UpstreamCluster;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Makes what judges tokens out of settings.
 *
 * @param clusters by name
 */
public record TokenChecks(Function<String, UpstreamCluster> clusters, AgentBundles agents, InstantSource clock) {
    /**
     * @param fetched told after each fetch of keys whether it gave any
     * @throws IOException if the file of a provider's keys cannot be read, or holds none
     */
    public TokenCheck of(JwtAuthn settings, Consumer<Boolean> fetched) throws IOException {
        var providers = new HashMap<String, Provider>();
        for (var entry : settings.providers().entrySet()) {
            var provider = entry.getValue();
            providers.put(entry.getKey(), new Provider(provider, keys(provider.keys(), fetched)));
        }
        return new TokenCheck(settings, providers, clock);
    }

    private Keys keys(JwtProvider.Keys keys, Consumer<Boolean> fetched) throws IOException {
        return switch (keys) {
            case JwtProvider.Keys.Inline(String jwks) ->
                new Keys.Fixed(Jwks.parse(jwks.getBytes(StandardCharsets.UTF_8)));
            case JwtProvider.Keys.InFile(Path file) -> new Keys.Fixed(read(file));
            case JwtProvider.Keys.Remote remote ->
                new Keys.Fetched(new RemoteKeys(remote, clusters.apply(remote.cluster()), clock, fetched));
            case JwtProvider.Keys.OfAgent(String cluster) -> new Keys.Bundles(agents.of(cluster));
        };
    }

    private static Jwks read(Path file) throws IOException {
        try {
            return Jwks.parse(Files.readAllBytes(file));
        } catch (IllegalArgumentException e) {
            throw new IOException(file + ": " + e.getMessage(), e);
        }
    }
}
