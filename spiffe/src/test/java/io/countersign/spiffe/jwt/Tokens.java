// SPDX-License-Identifier: Apache-2.0
package io.countersign.spiffe.jwt;

import io.countersign.spiffe.TrustDomain;
import io.countersign.spiffe.bundle.BundleSource;
import io.countersign.spiffe.bundle.JwtAuthority;
import io.countersign.spiffe.bundle.TrustBundle;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Makes tokens, right and wrong ones, text by text: what a library would not write has to be written as well. */
final class Tokens {
    static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    static final String HEADER = "{\"alg\":\"ES256\",\"kid\":\"ec\"}";

    private static final TrustDomain OURS = new TrustDomain("example.org");
    private static final TrustDomain OTHERS = new TrustDomain("other.org");

    final KeyPair ec = ec("secp256r1");
    final KeyPair ec384 = ec("secp384r1");
    final KeyPair rsa = rsa(2048);
    final KeyPair weak = rsa(1024);
    final KeyPair other = ec("secp256r1");

    /** Two trust domains are known, each by its own keys. */
    BundleSource bundles() {
        var ours = TrustBundle.ofJwt(
                OURS,
                List.of(
                        new JwtAuthority("ec", ec.getPublic()),
                        new JwtAuthority("ec384", ec384.getPublic()),
                        new JwtAuthority("rsa", rsa.getPublic()),
                        new JwtAuthority("weak", weak.getPublic())));
        var others = TrustBundle.ofJwt(OTHERS, List.of(new JwtAuthority("other", other.getPublic())));
        return domain -> domain.equals(OTHERS) ? Optional.of(others) : ours.bundle(domain);
    }

    static String claims(String sub, String aud, String exp, String more) {
        return "{\"sub\":\"" + sub + "\",\"aud\":" + aud + ",\"exp\":" + exp + more + "}";
    }

    static String claims() {
        return claims("spiffe://example.org/web", "[\"aud1\"]", in(300), "");
    }

    static String in(long seconds) {
        return Long.toString(NOW.getEpochSecond() + seconds);
    }

    String plain(String header, String claims) {
        return signed(header, claims, ec.getPrivate(), "SHA256withECDSAinP1363Format");
    }

    String signed(String header, String claims, PrivateKey key, String algorithm) {
        var body = body(header, claims);
        return body + "." + base64(sign(body, key, algorithm));
    }

    static String body(String header, String claims) {
        return base64(header.getBytes(StandardCharsets.UTF_8)) + "." + base64(claims.getBytes(StandardCharsets.UTF_8));
    }

    static String base64(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    static byte[] sign(String body, PrivateKey key, String algorithm) {
        try {
            var signature = Signature.getInstance(algorithm.startsWith("PSS") ? "RSASSA-PSS" : algorithm);
            if (algorithm.startsWith("PSS")) {
                var digest = algorithm.substring("PSS".length());
                int salt = Integer.parseInt(digest.substring("SHA-".length())) / 8;
                signature.setParameter(new PSSParameterSpec(digest, "MGF1", new MGF1ParameterSpec(digest), salt, 1));
            }
            signature.initSign(key);
            signature.update(body.getBytes(StandardCharsets.US_ASCII));
            return signature.sign();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** HMAC with the public key for a secret, which a verifier that trusts the header would accept. */
    String confused() {
        var body = body("{\"alg\":\"HS256\",\"kid\":\"ec\"}", claims());
        try {
            var mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(ec.getPublic().getEncoded(), "HmacSHA256"));
            return body + "." + base64(mac.doFinal(body.getBytes(StandardCharsets.US_ASCII)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    static KeyPair ec(String curve) {
        try {
            var generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec(curve));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static KeyPair rsa(int bits) {
        try {
            var generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(bits);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    static PrivateKey ed25519() {
        try {
            return KeyPairGenerator.getInstance("Ed25519").generateKeyPair().getPrivate();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
