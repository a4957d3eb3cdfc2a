// SPDX-License-Identifier: Apache-2.0
package io.countersign.server;

import io.countersign.ca.key.KeyType;
import io.countersign.ca.x509.CaSubject;
import io.countersign.datastore.DatabaseSettings;
import io.countersign.launch.LogSettings;
import io.countersign.server.config.NodeAttestorSettings;
import io.countersign.server.config.ServerConfig;
import io.countersign.server.config.ServerConfig.Datastore;
import io.countersign.server.config.ServerConfig.Federation;
import io.countersign.server.config.ServerConfig.Keys;
import io.countersign.server.config.ServerConfig.Lives;
import io.countersign.server.config.ServerConfig.RateLimits;
import io.countersign.server.config.ServerConfig.Signing;
import io.countersign.spiffe.SpiffeId;
import io.countersign.spiffe.TrustDomain;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The settings of a server whose files are in one folder, and small changes to them. */
public final class TestConfig {
    public static final TrustDomain DOMAIN = new TrustDomain("example.org");

    private TestConfig() {}

    public static ServerConfig of(Path folder) {
        return new ServerConfig(
                DOMAIN,
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                folder.resolve("api.sock"),
                Set.of(),
                new Lives(Duration.ofMinutes(30), Duration.ofHours(1), Duration.ofMinutes(5), Duration.ofHours(24)),
                new Signing(
                        KeyType.EC_P256,
                        KeyType.EC_P256,
                        CaSubject.STANDARD,
                        Optional.empty(),
                        false,
                        Optional.empty()),
                new Datastore(new DatabaseSettings.Sqlite(folder.resolve("datastore.sqlite3")), folder),
                new Keys.Disk(folder.resolve("keys.json")),
                List.of(),
                Federation.NONE,
                new RateLimits(false, false),
                Optional.empty(),
                LogSettings.standard());
    }

    public static ServerConfig named(ServerConfig old, TrustDomain name) {
        return new ServerConfig(
                name,
                old.address(),
                old.socketPath(),
                old.admins(),
                old.lives(),
                old.signing(),
                old.datastore(),
                old.keys(),
                old.nodeAttestors(),
                old.federation(),
                old.rateLimits(),
                old.health(),
                old.log());
    }

    public static ServerConfig database(ServerConfig old, DatabaseSettings database) {
        return new ServerConfig(
                old.trustDomain(),
                old.address(),
                old.socketPath(),
                old.admins(),
                old.lives(),
                old.signing(),
                new Datastore(database, old.datastore().dataDir()),
                old.keys(),
                old.nodeAttestors(),
                old.federation(),
                old.rateLimits(),
                old.health(),
                old.log());
    }

    public static ServerConfig admins(ServerConfig old, SpiffeId... admins) {
        return new ServerConfig(
                old.trustDomain(),
                old.address(),
                old.socketPath(),
                Set.of(admins),
                old.lives(),
                old.signing(),
                old.datastore(),
                old.keys(),
                old.nodeAttestors(),
                old.federation(),
                old.rateLimits(),
                old.health(),
                old.log());
    }

    public static ServerConfig signing(ServerConfig old, Signing signing) {
        return new ServerConfig(
                old.trustDomain(),
                old.address(),
                old.socketPath(),
                old.admins(),
                old.lives(),
                signing,
                old.datastore(),
                old.keys(),
                old.nodeAttestors(),
                old.federation(),
                old.rateLimits(),
                old.health(),
                old.log());
    }

    public static ServerConfig federation(ServerConfig old, Federation federation) {
        return new ServerConfig(
                old.trustDomain(),
                old.address(),
                old.socketPath(),
                old.admins(),
                old.lives(),
                old.signing(),
                old.datastore(),
                old.keys(),
                old.nodeAttestors(),
                federation,
                old.rateLimits(),
                old.health(),
                old.log());
    }

    public static ServerConfig rateLimits(ServerConfig old, RateLimits limits) {
        return new ServerConfig(
                old.trustDomain(),
                old.address(),
                old.socketPath(),
                old.admins(),
                old.lives(),
                old.signing(),
                old.datastore(),
                old.keys(),
                old.nodeAttestors(),
                old.federation(),
                limits,
                old.health(),
                old.log());
    }

    public static ServerConfig nodeAttestors(ServerConfig old, NodeAttestorSettings... attestors) {
        return new ServerConfig(
                old.trustDomain(),
                old.address(),
                old.socketPath(),
                old.admins(),
                old.lives(),
                old.signing(),
                old.datastore(),
                old.keys(),
                List.of(attestors),
                old.federation(),
                old.rateLimits(),
                old.health(),
                old.log());
    }

    public static SpiffeId id(String path) {
        return SpiffeId.of(DOMAIN, path);
    }
}
