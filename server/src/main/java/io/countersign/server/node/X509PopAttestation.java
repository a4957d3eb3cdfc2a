// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.node;

import com.google.protobuf.ByteString;
import io.countersign.datastore.Selector;
import io.countersign.launch.Excerpt;
import io.countersign.rpc.Peer;
import io.countersign.server.config.NodeAttestorSettings.Trust;
import io.countersign.server.config.NodeAttestorSettings.X509Pop;
import io.countersign.spiffe.SpiffeId;
import io.countersign.spiffe.TrustDomain;
import io.countersign.spiffe.x509.ChainPaths;
import io.countersign.spiffe.x509.Der;
import io.grpc.Status.Code;
import java.net.InetSocketAddress;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAPublicKey;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Date;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets a node in that holds the key of a certificate from elsewhere, as SPIRE's {@code NodeAttestor "x509pop"}. Everything
 * that costs little is checked before the chain is, and the chain before the node is asked to sign.
 */
final class X509PopAttestation implements NodeAttestor {
    static final String TYPE = "x509pop";

    private static final Logger log = LoggerFactory.getLogger(X509PopAttestation.class);
    private static final int DIGITAL_SIGNATURE = 0;
    private static final int LONGEST_LOGGED = 256;

    private final X509Pop settings;
    private final TrustDomain trustDomain;
    private final Supplier<List<X509Certificate>> ownAuthorities;
    private final InstantSource clock;

    /** @param ownAuthorities of the trust domain, as they are now */
    X509PopAttestation(
            X509Pop settings,
            TrustDomain trustDomain,
            Supplier<List<X509Certificate>> ownAuthorities,
            InstantSource clock) {
        this.settings = settings;
        this.trustDomain = trustDomain;
        this.ownAuthorities = ownAuthorities;
        this.clock = clock;
    }

    @Override
    public String type() {
        return TYPE;
    }

    @Override
    public Step begin(ByteString payload, Peer peer) {
        var encoded = X509PopMessages.certificates(payload);
        if (encoded.isEmpty()) {
            throw refused(Code.INVALID_ARGUMENT, "no certificate to attest");
        }
        if (encoded.size() - 1 > settings.mostIntermediates()) {
            throw refused(Code.INVALID_ARGUMENT, "too many intermediate certificates");
        }
        var leaf = parse(encoded.getFirst(), "leaf certificate");
        requireShortKey(leaf, "leaf certificate");
        var intermediates = new ArrayList<X509Certificate>();
        for (int i = 0; i < encoded.size() - 1; i++) {
            var name = "intermediate certificate " + i;
            var intermediate = parse(encoded.get(i + 1), name);
            requireShortKey(intermediate, name);
            intermediates.add(intermediate);
        }
        var paths = paths(leaf, intermediates);
        if (settings.verifyClientIp()) {
            requireAddress(leaf, peer);
        }
        var certificate = new NodeCertificate(leaf);
        var proof = proof(leaf);
        return new Step.Challenge(proof.challenge(), answer -> {
            proof.verify(answer);
            return proven(certificate, paths);
        });
    }

    private static X509Certificate parse(ByteString der, String name) {
        try {
            var parsed = Der.parseCertificates(der.toByteArray());
            if (parsed.size() != 1) {
                throw new IllegalArgumentException(parsed.size() + " certificates were found, expected one");
            }
            return parsed.getFirst();
        } catch (IllegalArgumentException e) {
            throw refused(Code.INVALID_ARGUMENT, "unable to parse " + name + ": " + e.getMessage());
        }
    }

    private void requireShortKey(X509Certificate certificate, String name) {
        if (certificate.getPublicKey() instanceof RSAPublicKey key
                && key.getModulus().bitLength() > settings.longestRsaKey()) {
            throw refused(Code.INVALID_ARGUMENT, name + " key size too large");
        }
    }

    private List<List<X509Certificate>> paths(X509Certificate leaf, List<X509Certificate> intermediates) {
        var now = clock.instant();
        requireTime(leaf, now);
        var authorities = switch (settings.trust()) {
            case Trust.External(var those) -> those;
            case Trust.Spiffe _ -> ownAuthorities.get();
        };
        try {
            return ChainPaths.all(leaf, intermediates, authorities, now);
        } catch (IllegalArgumentException e) {
            // the node learns what SPIRE's would; the operator, which rule it was
            log.atWarn()
                    .addKeyValue(
                            "subject", Excerpt.of(leaf.getSubjectX500Principal().toString(), LONGEST_LOGGED))
                    .addKeyValue("reason", Excerpt.of(String.valueOf(e.getMessage()), LONGEST_LOGGED))
                    .log("a node's certificate is not trusted");
            throw unverified("certificate signed by unknown authority");
        }
    }

    private static void requireTime(X509Certificate leaf, Instant now) {
        var time = "certificate has expired or is not yet valid: current time " + now.truncatedTo(ChronoUnit.SECONDS);
        try {
            leaf.checkValidity(Date.from(now));
        } catch (CertificateExpiredException e) {
            throw unverified(time + " is after " + leaf.getNotAfter().toInstant());
        } catch (CertificateNotYetValidException e) {
            throw unverified(time + " is before " + leaf.getNotBefore().toInstant());
        }
    }

    private static void requireAddress(X509Certificate leaf, Peer peer) {
        var socket = switch (peer) {
            case Peer.Anonymous(var address) -> address;
            case Peer.Mtls(var _, var address) -> address;
            case Peer.LocalProcess _ -> InetSocketAddress.createUnresolved("local", 0);
        };
        if (!(socket instanceof InetSocketAddress internet) || internet.isUnresolved()) {
            throw refused(Code.INTERNAL, "client IP not available for verification");
        }
        var address = internet.getAddress();
        if (!new NodeCertificate(leaf).addresses().contains(address)) {
            throw refused(
                    Code.PERMISSION_DENIED,
                    "client IP " + address.getHostAddress() + " does not match any certificate IP SAN");
        }
    }

    private static X509PopProof proof(X509Certificate leaf) {
        var usage = leaf.getKeyUsage();
        if (usage == null || !usage[DIGITAL_SIGNATURE]) {
            throw refused(
                    Code.INTERNAL, "unable to generate challenge: certificate not intended for digital signature use");
        }
        return X509PopProof.of(leaf.getPublicKey());
    }

    private Step proven(NodeCertificate certificate, List<List<X509Certificate>> paths) {
        var path = svidPath(certificate);
        var sans = certificate.sanSelectors(trustDomain);
        var values = certificate.values();
        values.put("PluginName", TYPE);
        values.put("TrustDomain", trustDomain.name());
        values.put("SVIDPathTrimmed", path);
        sans.forEach((key, value) -> values.put("URISanSelectors." + key, value));
        return new Step.Proven(agentId(values), true, selectors(certificate, paths, sans));
    }

    /** What follows the prefix in the SPIFFE ID of a node that shows an SVID. */
    private String svidPath(NodeCertificate certificate) {
        return switch (settings.trust()) {
            case Trust.External _ -> "";
            case Trust.Spiffe(var prefix) -> {
                var path = certificate
                        .spiffeId()
                        .filter(id -> id.isMemberOf(trustDomain))
                        .orElseThrow(() -> refused(Code.PERMISSION_DENIED, "valid SVID x509 cert not found"))
                        .path();
                if (!path.startsWith(prefix)) {
                    throw refused(Code.PERMISSION_DENIED, "x509 cert doesnt match SVID prefix");
                }
                yield path.substring(prefix.length());
            }
        };
    }

    private SpiffeId agentId(Map<String, String> values) {
        try {
            return AgentIds.of(trustDomain, settings.agentPath().render(values));
        } catch (IllegalArgumentException e) {
            throw refused(Code.INTERNAL, "failed to make spiffe id: " + e.getMessage());
        }
    }

    private static Set<Selector> selectors(
            NodeCertificate certificate, List<List<X509Certificate>> paths, Map<String, String> sans) {
        var selectors = new HashSet<Selector>();
        if (!certificate.commonName().isEmpty()) {
            selectors.add(new Selector(TYPE, "subject:cn:" + certificate.commonName()));
        }
        for (var path : paths) {
            path.stream()
                    .skip(1)
                    .forEach(authority -> selectors.add(
                            new Selector(TYPE, "ca:fingerprint:" + new NodeCertificate(authority).fingerprint())));
        }
        selectors.add(new Selector(TYPE, "serialnumber:" + certificate.serialNumberHex()));
        sans.forEach((key, value) -> selectors.add(new Selector(TYPE, "san:" + key + ":" + value)));
        return selectors;
    }

    private static RuntimeException unverified(String why) {
        return refused(Code.PERMISSION_DENIED, "certificate verification failed: x509: " + why);
    }

    static RuntimeException refused(Code code, String why) {
        return Refusal.of(TYPE, code, why);
    }
}
