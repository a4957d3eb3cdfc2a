// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.node;

import com.google.protobuf.ByteString;
import io.countersign.rpc.Peer;
import io.countersign.server.config.NodeAttestorSettings.SshPop;
import io.countersign.server.ssh.SshCertificate;
import io.countersign.server.ssh.SshSignature;
import io.countersign.spiffe.TrustDomain;
import io.countersign.spiffe.json.Json;
import io.grpc.Status.Code;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * Lets a node in that holds the key of an SSH host certificate, as SPIRE's {@code NodeAttestor "sshpop"}. It signs a digest
 * of our nonce and one of its own, so that neither has the other sign what it likes.
 */
final class SshPopAttestation implements NodeAttestor {
    static final String TYPE = "sshpop";

    private static final int NONCE_BYTES = 32;
    private static final long NEVER_ENDS = -1L;
    /** Whoever logs in must come from there; it is not about hosts, and SSH's own check of a host passes over it. */
    private static final String SOURCE_ADDRESS = "source-address";

    private static final SecureRandom RANDOM = new SecureRandom();

    private final SshPop settings;
    private final TrustDomain trustDomain;
    private final InstantSource clock;

    SshPopAttestation(SshPop settings, TrustDomain trustDomain, InstantSource clock) {
        this.settings = settings;
        this.trustDomain = trustDomain;
        this.clock = clock;
    }

    @Override
    public String type() {
        return TYPE;
    }

    @Override
    public Step begin(ByteString payload, Peer peer) {
        var certificate = certificate(payload);
        if (certificate.principals().isEmpty()) {
            throw refused("cert has no valid principals");
        }
        try {
            requireHost(certificate);
        } catch (IllegalArgumentException e) {
            throw refused("failed to check host key: " + e.getMessage());
        }
        var host = host(certificate.principals().getFirst());
        var nonce = new byte[NONCE_BYTES];
        RANDOM.nextBytes(nonce);
        var challenge = "{\"Nonce\":\"" + Base64.getEncoder().encodeToString(nonce) + "\"}";
        return new Step.Challenge(ByteString.copyFromUtf8(challenge), answer -> {
            verify(certificate, nonce, answer);
            return proven(certificate, host);
        });
    }

    private static SshCertificate certificate(ByteString payload) {
        ByteString blob;
        try {
            blob = GoJson.bytes(GoJson.member(Json.parse(payload.toByteArray()), "Certificate"));
        } catch (IllegalArgumentException e) {
            throw refused("failed to unmarshal data: " + e.getMessage());
        }
        if (blob.isEmpty()) {
            throw refused("no certificate in response");
        }
        try {
            if (SshCertificate.isOne(blob)) {
                return SshCertificate.parse(blob);
            }
        } catch (IllegalArgumentException e) {
            throw refused("failed to parse public key: " + e.getMessage());
        }
        throw refused("pubkey in response is not a certificate");
    }

    /** What ssh checks of a host that it connects to. */
    private void requireHost(SshCertificate certificate) {
        if (certificate.type() != SshCertificate.HOST) {
            throw new IllegalArgumentException("ssh: certificate presented as a host key has type "
                    + Integer.toUnsignedString(certificate.type()));
        }
        if (!settings.authorities().contains(certificate.authority())) {
            throw new IllegalArgumentException("ssh: no authorities for hostname: "
                    + certificate.principals().getFirst() + ":22");
        }
        for (var option : certificate.criticalOptions()) {
            if (!option.equals(SOURCE_ADDRESS)) {
                throw new IllegalArgumentException(
                        "ssh: unsupported critical option \"" + option + "\" in certificate");
            }
        }
        requireTime(certificate);
        try {
            certificate.authority().verify(certificate.signed(), certificate.signature());
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("ssh: certificate signature does not verify", e);
        }
    }

    private void requireTime(SshCertificate certificate) {
        long now = clock.instant().getEpochSecond();
        if (Long.compareUnsigned(now, certificate.validAfter()) < 0) {
            throw new IllegalArgumentException("ssh: cert is not yet valid");
        }
        boolean ends = certificate.validBefore() != NEVER_ENDS;
        // beyond the years that are counted with a sign is beyond what an authority means
        if (ends && (certificate.validBefore() < 0 || now >= certificate.validBefore())) {
            throw new IllegalArgumentException("ssh: cert has expired");
        }
    }

    private String host(String principal) {
        if (settings.canonicalDomain().isEmpty()) {
            return principal;
        }
        var suffix = "." + settings.canonicalDomain();
        if (!principal.endsWith(suffix)) {
            throw refused("failed to decanonicalize hostname: cert principal is not in domain \"" + suffix + "\"");
        }
        return principal.substring(0, principal.length() - suffix.length());
    }

    private static void verify(SshCertificate certificate, byte[] nonce, ByteString answer) {
        ByteString own;
        SshSignature signature;
        try {
            var said = Json.parse(answer.toByteArray());
            own = GoJson.bytes(GoJson.member(said, "Nonce"));
            var signed = GoJson.member(said, "Signature");
            signature = new SshSignature(
                    GoJson.text(GoJson.member(signed, "Format")), GoJson.bytes(GoJson.member(signed, "Blob")));
        } catch (IllegalArgumentException e) {
            throw refused("failed to unmarshal challenge response: " + e.getMessage());
        }
        if (own.size() != NONCE_BYTES) {
            throw refused("failed to combine nonces: invalid response nonce size");
        }
        try {
            var digest = sha256();
            digest.update(nonce);
            certificate.key().verify(ByteString.copyFrom(digest.digest(own.toByteArray())), signature);
        } catch (IllegalArgumentException e) {
            throw refused("failed to verify signature: " + e.getMessage());
        }
    }

    private Step proven(SshCertificate certificate, String host) {
        var values = new HashMap<>(Map.of(
                "PluginName",
                TYPE,
                "Fingerprint",
                fingerprint(certificate),
                "Hostname",
                host,
                "Serial",
                Long.toUnsignedString(certificate.serial()),
                "KeyId",
                certificate.keyId()));
        for (int i = 0; i < certificate.principals().size(); i++) {
            values.put("ValidPrincipals." + i, certificate.principals().get(i));
        }
        try {
            return new Step.Proven(AgentIds.of(trustDomain, settings.agentPath().render(values)), true, Set.of());
        } catch (IllegalArgumentException e) {
            throw refused("failed to create AgentID: " + e.getMessage());
        }
    }

    private static String fingerprint(SshCertificate certificate) {
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(sha256().digest(certificate.blob().toByteArray()));
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /** SPIRE says INTERNAL whatever is wrong. */
    private static RuntimeException refused(String why) {
        return Refusal.of(TYPE, Code.INTERNAL, why);
    }
}
