// SPDX-License-Identifier: Apache-2.0
package io.countersign.server;

import io.countersign.ca.key.KeyType;
import io.countersign.ca.x509.CaSubject;
import io.countersign.datastore.DatabaseSettings;
import io.countersign.datastore.Store;
import io.countersign.launch.LogSettings;
import io.countersign.server.config.BundleConfigMap;
import io.countersign.server.config.NodeAttestorSettings;
import io.countersign.server.config.ServerConfig;
import io.countersign.server.config.ServerConfig.Datastore;
import io.countersign.server.config.ServerConfig.Federation;
import io.countersign.server.config.ServerConfig.Keys;
import io.countersign.server.config.ServerConfig.Lives;
import io.countersign.server.config.ServerConfig.Oversight;
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
import java.util.function.Consumer;

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
                new Datastore(Store.standard().fresh(folder), folder, Optional.empty()),
                new Keys.Disk(folder.resolve("keys.json")),
                List.of(),
                List.of(),
                Federation.NONE,
                new RateLimits(false, false),
                Optional.empty(),
                LogSettings.standard(),
                Oversight.NONE,
                List.of());
    }

    public static ServerConfig named(ServerConfig old, TrustDomain name) {
        return with(old, parts -> parts.trustDomain = name);
    }

    public static ServerConfig database(ServerConfig old, DatabaseSettings database) {
        return with(
                old,
                parts -> parts.datastore = new Datastore(
                        database, old.datastore().dataDir(), old.datastore().pruning()));
    }

    public static ServerConfig admins(ServerConfig old, SpiffeId... admins) {
        return with(old, parts -> parts.admins = Set.of(admins));
    }

    public static ServerConfig signing(ServerConfig old, Signing signing) {
        return with(old, parts -> parts.signing = signing);
    }

    public static ServerConfig federation(ServerConfig old, Federation federation) {
        return with(old, parts -> parts.federation = federation);
    }

    public static ServerConfig rateLimits(ServerConfig old, RateLimits limits) {
        return with(old, parts -> parts.rateLimits = limits);
    }

    public static ServerConfig nodeAttestors(ServerConfig old, NodeAttestorSettings... attestors) {
        return with(old, parts -> parts.nodeAttestors = List.of(attestors));
    }

    public static ServerConfig bundleConfigMaps(ServerConfig old, BundleConfigMap... places) {
        return with(old, parts -> parts.bundleConfigMaps = List.of(places));
    }

    public static ServerConfig oversight(ServerConfig old, Oversight oversight) {
        return with(old, parts -> parts.oversight = oversight);
    }

    public static ServerConfig notices(ServerConfig old, String... notices) {
        return with(old, parts -> parts.notices = List.of(notices));
    }

    private static ServerConfig with(ServerConfig old, Consumer<Parts> change) {
        var parts = new Parts(old);
        change.accept(parts);
        return parts.config();
    }

    /** A configuration of which one part is to be another. */
    private static final class Parts {
        private final ServerConfig old;
        private TrustDomain trustDomain;
        private Set<SpiffeId> admins;
        private Signing signing;
        private Datastore datastore;
        private List<NodeAttestorSettings> nodeAttestors;
        private List<BundleConfigMap> bundleConfigMaps;
        private Federation federation;
        private RateLimits rateLimits;
        private Oversight oversight;
        private List<String> notices;

        Parts(ServerConfig old) {
            this.old = old;
            trustDomain = old.trustDomain();
            admins = old.admins();
            signing = old.signing();
            datastore = old.datastore();
            nodeAttestors = old.nodeAttestors();
            bundleConfigMaps = old.bundleConfigMaps();
            federation = old.federation();
            rateLimits = old.rateLimits();
            oversight = old.oversight();
            notices = old.notices();
        }

        ServerConfig config() {
            return new ServerConfig(
                    trustDomain,
                    old.address(),
                    old.socketPath(),
                    admins,
                    old.lives(),
                    signing,
                    datastore,
                    old.keys(),
                    nodeAttestors,
                    bundleConfigMaps,
                    federation,
                    rateLimits,
                    old.health(),
                    old.log(),
                    oversight,
                    notices);
        }
    }

    public static SpiffeId id(String path) {
        return SpiffeId.of(DOMAIN, path);
    }
}
