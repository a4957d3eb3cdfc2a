// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.config;

import io.countersign.ca.key.KeyType;
import io.countersign.ca.x509.CaSubject;
import io.countersign.launch.LogSettings;
import io.countersign.launch.health.HealthSettings;
import io.countersign.spiffe.SpiffeId;
import io.countersign.spiffe.TrustDomain;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/**
 * What server.conf and the command line say.
 *
 * @param address where agents come in
 * @param socketPath where the command line and other local programs come in
 * @param admins who may do over TCP what local programs may
 * @param database the SQLite file
 */
public record ServerConfig(
        TrustDomain trustDomain,
        InetSocketAddress address,
        Path socketPath,
        Set<SpiffeId> admins,
        Lives lives,
        Signing signing,
        Path database,
        Keys keys,
        Optional<HealthSettings> health,
        LogSettings log) {
    public ServerConfig {
        admins = Set.copyOf(admins);
    }

    /** How long what is issued lives. */
    public record Lives(Duration agent, Duration x509Svid, Duration jwtSvid, Duration authority) {}

    /**
     * What the authorities are like.
     *
     * @param upstream nothing where they vouch for themselves
     */
    public record Signing(
            KeyType x509KeyType,
            KeyType jwtKeyType,
            CaSubject subject,
            Optional<String> jwtIssuer,
            boolean jwtDisabled,
            Optional<UpstreamSettings> upstream) {}

    /** Where the authorities' keys are. */
    public sealed interface Keys {
        record Memory() implements Keys {}

        /** @param file keys.json of SPIRE's key manager {@code disk} */
        record Disk(Path file) implements Keys {}
    }
}
