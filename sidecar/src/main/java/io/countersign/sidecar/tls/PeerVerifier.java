// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.tls;

import io.countersign.sidecar.bootstrap.TlsSettings.Validation;
import io.countersign.sidecar.exchange.CertificateFacts;
import io.countersign.sidecar.match.SanMatcher;
import io.countersign.sidecar.sds.Secret;
import io.netty.handler.ssl.OpenSslCertificateException;
import io.netty.internal.tcnative.CertificateVerifier;
import java.security.GeneralSecurityException;
import java.security.cert.CertPathBuilder;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertStore;
import java.security.cert.CertificateException;
import java.security.cert.CertificateParsingException;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Decides whether a peer's chain is acceptable: chain, names, fingerprint. One for each TLS context. Thread-safe. */
final class PeerVerifier {
    private static final int KEY_CERT_SIGN = 5;
    private static final int CRL_SIGN = 6;
    private static final String SCHEME = "spiffe://";
    private static final int MOST_NAMES = 4;
    private static final int LONGEST_NAME = 300;

    /** Apart from the rest, since they are read from BoringSSL, which is loaded only when the first context is made. */
    private static final class Codes {
        static final int EXPIRED = CertificateVerifier.X509_V_ERR_CERT_HAS_EXPIRED;
        static final int NOT_YET_VALID = CertificateVerifier.X509_V_ERR_CERT_NOT_YET_VALID;
        static final int UNKNOWN_ISSUER = CertificateVerifier.X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY;
        static final int WRONG_PURPOSE = CertificateVerifier.X509_V_ERR_INVALID_PURPOSE;
        static final int REJECTED = CertificateVerifier.X509_V_ERR_CERT_REJECTED;
        /** No alert stands for this or the next one, so that certificate_unknown is sent, as Envoy does. */
        static final int NAME_NOT_ALLOWED = CertificateVerifier.X509_V_ERR_PERMITTED_VIOLATION;

        static final int MALFORMED = CertificateVerifier.X509_V_ERR_INVALID_EXTENSION;
    }

    /** What the peer uses its certificate for. */
    enum Role {
        CLIENT("1.3.6.1.5.5.7.3.2"),
        SERVER("1.3.6.1.5.5.7.3.1");

        private final String purpose;

        Role(String purpose) {
            this.purpose = purpose;
        }
    }

    private final Secret.Anchors anchors;
    private final List<SanMatcher> names;
    private final List<String> fingerprints;
    private final boolean allowExpired;
    private final Role role;
    private final KnownChains known = new KnownChains();

    PeerVerifier(Validation demanded, Secret.Trust trust, Role role) {
        this.anchors = trust.anchors();
        this.names =
                Stream.concat(demanded.names().stream(), trust.names().stream()).toList();
        this.fingerprints = Stream.concat(demanded.fingerprints().stream(), trust.fingerprints().stream())
                .toList();
        this.allowExpired = demanded.allowExpired() || trust.allowExpired();
        this.role = role;
    }

    /** Envoy's SPIFFE validator takes no client without a certificate, nor do names or fingerprints make sense then. */
    boolean needsCertificate() {
        return anchors instanceof Secret.Anchors.PerTrustDomain || !names.isEmpty() || !fingerprints.isEmpty();
    }

    List<X509Certificate> authorities() {
        return switch (anchors) {
            case Secret.Anchors.Plain plain -> plain.authorities();
            case Secret.Anchors.PerTrustDomain domains ->
                domains.authorities().values().stream().flatMap(List::stream).toList();
        };
    }

    /**
     * @throws CertificateException in Envoy's words, since they end up in answers and logs that people search for; with
     *     the code by which BoringSSL picks the alert that the peer gets, as any other exception is an internal error to it
     */
    void verify(List<X509Certificate> chain) throws CertificateException {
        var leaf = facts(chain.getFirst());
        switch (anchors) {
            case Secret.Anchors.Plain plain -> {
                checkPurpose(leaf.certificate());
                checkChain(chain, plain.authorities());
                checkNames(leaf, names);
            }
            case Secret.Anchors.PerTrustDomain domains -> {
                try {
                    checkSpiffe(chain, leaf, domains);
                } catch (CertificateException e) {
                    // Envoy's SPIFFE validator tells peers nothing but that it does not take them
                    throw new OpenSslCertificateException(e.getMessage(), e, Codes.NAME_NOT_ALLOWED);
                }
            }
        }
        if (!fingerprints.isEmpty() && !fingerprints.contains(leaf.sha256())) {
            throw refused("cert hash and spki", Codes.REJECTED);
        }
    }

    private void checkSpiffe(List<X509Certificate> chain, CertificateFacts leaf, Secret.Anchors.PerTrustDomain domains)
            throws CertificateException {
        checkSpiffeLeaf(leaf.certificate());
        checkChain(chain, authorities(leaf, domains));
        checkNames(
                leaf,
                names.stream()
                        .filter(name -> name.kind() == SanMatcher.Kind.URI || name.kind() == SanMatcher.Kind.ANY)
                        .map(name -> new SanMatcher(SanMatcher.Kind.URI, name.matcher()))
                        .toList());
    }

    /** As an operator reads them. */
    List<String> demandedNames() {
        return names.stream().map(name -> name.matcher().words()).toList();
    }

    /**
     * What a certificate calls its owner: its URIs, else its DNS names; nothing if they cannot be read. Not more of it than is
     * worth keeping of somebody who was turned away.
     */
    static List<String> names(X509Certificate leaf) {
        try {
            var facts = CertificateFacts.of(leaf);
            var all = facts.uriSans().isEmpty() ? facts.dnsSans() : facts.uriSans();
            return all.stream()
                    .limit(MOST_NAMES)
                    .map(name -> name.length() > LONGEST_NAME ? name.substring(0, LONGEST_NAME) + "…" : name)
                    .toList();
        } catch (IllegalArgumentException e) {
            return List.of();
        }
    }

    private static CertificateFacts facts(X509Certificate leaf) throws CertificateException {
        try {
            return CertificateFacts.of(leaf);
        } catch (IllegalArgumentException e) {
            throw refused("unreadable names", Codes.MALFORMED, e);
        }
    }

    /** SPIFFE X.509-SVID, section 4: a leaf is no authority. */
    private static void checkSpiffeLeaf(X509Certificate leaf) throws CertificateException {
        boolean[] usage = leaf.getKeyUsage();
        if (leaf.getBasicConstraints() >= 0 || (usage != null && (usage[KEY_CERT_SIGN] || usage[CRL_SIGN]))) {
            throw refused("cert precheck", Codes.MALFORMED);
        }
    }

    /** SPIFFE X.509-SVID, section 2: exactly one URI, which is the ID. */
    private static Optional<String> trustDomain(CertificateFacts leaf) {
        if (leaf.uriSans().size() != 1 || !leaf.uriSans().getFirst().startsWith(SCHEME)) {
            return Optional.empty();
        }
        var rest = leaf.uriSans().getFirst().substring(SCHEME.length());
        int slash = rest.indexOf('/');
        return slash > 0 ? Optional.of(rest.substring(0, slash)) : Optional.empty();
    }

    private static List<X509Certificate> authorities(CertificateFacts leaf, Secret.Anchors.PerTrustDomain domains)
            throws CertificateException {
        var trustDomain = trustDomain(leaf);
        return trustDomain
                .map(domains.authorities()::get)
                .orElseThrow(() -> refused(
                        "no trust bundle store", trustDomain.isPresent() ? Codes.UNKNOWN_ISSUER : Codes.MALFORMED));
    }

    private static void checkNames(CertificateFacts leaf, List<SanMatcher> demanded) throws CertificateException {
        if (!demanded.isEmpty() && demanded.stream().noneMatch(name -> name.matches(leaf))) {
            throw refused("SAN match", Codes.NAME_NOT_ALLOWED);
        }
    }

    private void checkPurpose(X509Certificate leaf) throws CertificateException {
        try {
            var purposes = leaf.getExtendedKeyUsage();
            if (purposes != null && !purposes.contains(role.purpose)) {
                throw refused("X509_verify_cert: unsuitable certificate purpose", Codes.WRONG_PURPOSE);
            }
        } catch (CertificateParsingException e) {
            throw refused("unreadable purposes", Codes.MALFORMED, e);
        }
    }

    /** @param authorities the same for each chain that is the same */
    private void checkChain(List<X509Certificate> chain, List<X509Certificate> authorities)
            throws CertificateException {
        if (known.contains(chain, Instant.now())) {
            return;
        }
        var leaf = chain.getFirst();
        var target = new X509CertSelector();
        target.setCertificate(leaf);
        Set<TrustAnchor> roots = authorities.stream()
                .map(authority -> new TrustAnchor(authority, null))
                .collect(Collectors.toSet());
        try {
            var parameters = new PKIXBuilderParameters(roots, target);
            parameters.setRevocationEnabled(false);
            parameters.addCertStore(CertStore.getInstance("Collection", new CollectionCertStoreParameters(chain)));
            if (allowExpired && leaf.getNotAfter().toInstant().isBefore(Instant.now())) {
                parameters.setDate(leaf.getNotAfter());
            }
            var path = CertPathBuilder.getInstance("PKIX").build(parameters).getCertPath();
            known.add(
                    chain,
                    path.getCertificates().stream()
                            .map(X509Certificate.class::cast)
                            .toList());
        } catch (CertPathBuilderException e) {
            throw unverified(leaf, e);
        } catch (GeneralSecurityException e) {
            throw refused(String.valueOf(e.getMessage()), Codes.MALFORMED, e);
        }
    }

    private static CertificateException unverified(X509Certificate leaf, CertPathBuilderException cause) {
        var now = Instant.now();
        var where = "X509_verify_cert: certificate verification error at depth 0: ";
        if (leaf.getNotAfter().toInstant().isBefore(now)) {
            return refused(where + "certificate has expired", Codes.EXPIRED, cause);
        }
        return leaf.getNotBefore().toInstant().isAfter(now)
                ? refused(where + "certificate is not yet valid", Codes.NOT_YET_VALID, cause)
                : refused(where + "unable to get local issuer certificate", Codes.UNKNOWN_ISSUER, cause);
    }

    private static CertificateException refused(String why, int code) {
        return new OpenSslCertificateException("verify cert failed: " + why, code);
    }

    private static CertificateException refused(String why, int code, Throwable cause) {
        return new OpenSslCertificateException("verify cert failed: " + why, cause, code);
    }

    static List<X509Certificate> list(X509Certificate[] chain) throws CertificateException {
        if (chain == null || chain.length == 0) {
            throw refused("no certificate", Codes.REJECTED);
        }
        return Arrays.asList(chain);
    }
}
