// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.tls;

import io.countersign.sidecar.bootstrap.TlsSettings;
import io.countersign.sidecar.exchange.CertificateFacts;
import io.countersign.sidecar.sds.Secret;
import io.countersign.sidecar.sds.SecretSource;
import io.countersign.sidecar.sds.Secrets;
import io.countersign.sidecar.stats.Stats;
import io.countersign.sidecar.tls.PeerVerifier.Role;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.IdentityCipherSuiteFilter;
import io.netty.handler.ssl.OpenSslContextOption;
import io.netty.handler.ssl.OpenSslSessionContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The TLS context of one listener or cluster, rebuilt with every secret that comes. New handshakes take the newest; what
 * is open stays as it is. Sessions are never resumed: a resumed peer would not be verified again. Thread-safe.
 */
public final class TlsContexts {
    private static final Logger log = LoggerFactory.getLogger(TlsContexts.class);
    private static final List<String> TLS_1_3 =
            List.of("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256");
    private static final List<String> GROUPS = List.of("X25519", "P-256");

    private final TlsSettings settings;
    private final Role peer;
    private final boolean requireCertificate;
    private final List<String> alpn;
    private final @Nullable SecretSource identity;
    private final @Nullable SecretSource trust;
    private final RefusedPeers refused;
    private final Stats stats;
    private final String statPrefix;
    private volatile @Nullable TlsContext current;
    private volatile String problem = "";
    private @Nullable Secret usedIdentity;
    private @Nullable Secret usedTrust;

    private TlsContexts(
            TlsSettings settings,
            Role peer,
            boolean requireCertificate,
            List<String> alpn,
            Secrets secrets,
            RefusedPeers refused,
            Stats stats,
            String statPrefix) {
        this.settings = settings;
        this.peer = peer;
        this.requireCertificate = requireCertificate;
        this.alpn = alpn;
        this.refused = refused;
        this.stats = stats;
        this.statPrefix = statPrefix;
        identity = settings.certificate().map(secrets::source).orElse(null);
        trust = settings.validation()
                .map(validation -> secrets.source(validation.trust()))
                .orElse(null);
        Stream.of(Optional.ofNullable(identity), Optional.ofNullable(trust))
                .flatMap(Optional::stream)
                .forEach(source -> source.onChange(this::changed));
        rebuild();
    }

    /** @param statPrefix such as {@code listener.127.0.0.1_8080.server_ssl_socket_factory} */
    public static TlsContexts ofServer(
            TlsSettings.Downstream settings, Secrets secrets, RefusedPeers refused, Stats stats, String statPrefix) {
        return new TlsContexts(
                settings.common(),
                Role.CLIENT,
                settings.requireClientCertificate(),
                settings.common().alpn(),
                secrets,
                refused,
                stats,
                statPrefix);
    }

    /** @param protocol offered by ALPN unless the file says otherwise */
    public static TlsContexts ofClient(
            TlsSettings.Upstream settings,
            List<String> protocol,
            Secrets secrets,
            RefusedPeers refused,
            Stats stats,
            String statPrefix) {
        var alpn = settings.common().alpn().isEmpty()
                ? protocol
                : settings.common().alpn();
        return new TlsContexts(settings.common(), Role.SERVER, true, alpn, secrets, refused, stats, statPrefix);
    }

    /** The newest generation; empty while a secret that it needs has never come. */
    public Optional<TlsContext> current() {
        return Optional.ofNullable(current);
    }

    /** Why the newest secrets could not be used, so that older ones still are, or none. */
    public Optional<String> problem() {
        return Optional.of(problem).filter(reason -> !reason.isEmpty());
    }

    /** The listener or cluster that it is for. */
    public String where() {
        return statPrefix.substring(0, statPrefix.lastIndexOf('.'));
    }

    private void changed() {
        if (rebuild()) {
            stats.count(statPrefix + ".ssl_context_update_by_sds");
        }
    }

    private synchronized boolean rebuild() {
        var own = identity == null ? null : identity.current().orElse(null);
        var believed = trust == null ? null : trust.current().orElse(null);
        boolean ready = (identity == null || own instanceof Secret.Identity)
                && (trust == null || believed instanceof Secret.Trust);
        // two secrets that come together are both there when the first of them is told
        boolean known = current != null && Objects.equals(own, usedIdentity) && Objects.equals(believed, usedTrust);
        if (known) {
            // perhaps again, after others that could not be used
            problem = "";
        }
        if (!ready || known) {
            return false;
        }
        try {
            current = build(own instanceof Secret.Identity material ? material : null, verifier(believed));
            usedIdentity = own;
            usedTrust = believed;
            problem = "";
            return true;
        } catch (SSLException | RuntimeException e) {
            problem = String.valueOf(e.getMessage());
            log.atError()
                    .addKeyValue("for", statPrefix)
                    .addKeyValue("reason", e.getMessage())
                    .log("cannot use the new secrets, keeping the old ones");
            return false;
        }
    }

    private @Nullable PeerVerifier verifier(@Nullable Secret believed) {
        return believed instanceof Secret.Trust material
                ? settings.validation()
                        .map(validation -> new PeerVerifier(validation, material, peer))
                        .orElse(null)
                : null;
    }

    private TlsContext build(Secret.@Nullable Identity own, @Nullable PeerVerifier verifier) throws SSLException {
        var builder = switch (peer) {
            case CLIENT -> server(own, verifier);
            case SERVER -> client(own);
        };
        if (verifier != null) {
            builder.trustManager(new PeerTrust(verifier, where(), refused));
        }
        var ssl = builder.sslProvider(SslProvider.OPENSSL_REFCNT)
                .protocols(versions())
                // all of them or none: the library's other filter drops names that it does not know
                .ciphers(ciphers(), IdentityCipherSuiteFilter.INSTANCE)
                .option(OpenSslContextOption.GROUPS, groups())
                .applicationProtocolConfig(applicationProtocols())
                .build();
        if (ssl.sessionContext() instanceof OpenSslSessionContext sessions) {
            sessions.setSessionCacheEnabled(false);
        }
        var facts = own == null
                ? List.<CertificateFacts>of()
                : own.chain().stream().map(CertificateFacts::of).toList();
        return new TlsContext(ssl, facts);
    }

    private SslContextBuilder server(Secret.@Nullable Identity own, @Nullable PeerVerifier verifier) {
        if (own == null) {
            throw new IllegalArgumentException("a listener with TLS needs a certificate of its own");
        }
        var authentication = requireCertificate || (verifier != null && verifier.needsCertificate())
                ? ClientAuth.REQUIRE
                : verifier != null ? ClientAuth.OPTIONAL : ClientAuth.NONE;
        return SslContextBuilder.forServer(own.key(), own.chain()).clientAuth(authentication);
    }

    private SslContextBuilder client(Secret.@Nullable Identity own) {
        // names are checked by the verifier, against what the file demands and not against the host
        var builder = SslContextBuilder.forClient().endpointIdentificationAlgorithm(null);
        return own == null ? builder : builder.keyManager(own.key(), own.chain());
    }

    private List<String> versions() {
        return Arrays.stream(TlsSettings.Version.values())
                .filter(version -> version.compareTo(settings.least()) >= 0 && version.compareTo(settings.most()) <= 0)
                .map(TlsSettings.Version::protocol)
                .toList();
    }

    private List<String> ciphers() {
        return Stream.concat(TLS_1_3.stream(), settings.ciphers().stream()).toList();
    }

    private String[] groups() {
        return (settings.groups().isEmpty() ? GROUPS : settings.groups()).toArray(String[]::new);
    }

    private ApplicationProtocolConfig applicationProtocols() {
        return alpn.isEmpty()
                ? ApplicationProtocolConfig.DISABLED
                : new ApplicationProtocolConfig(
                        ApplicationProtocolConfig.Protocol.ALPN,
                        ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
                        ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
                        alpn);
    }
}
