// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.server;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.countersign.it.differential.Answer;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.jspecify.annotations.Nullable;

/** What two certificates, keys or tokens have in common if they were issued on the same terms. */
final class Profile {
    private static final Duration CUT = Duration.ofHours(12);
    private static final long GRAIN_SECONDS = 600;

    private Profile() {}

    static Answer ofCertificate(byte[] der) {
        try {
            var certificate = (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
            var life = Duration.between(
                    certificate.getNotBefore().toInstant(),
                    certificate.getNotAfter().toInstant());
            return Answer.empty()
                    .with("subject", subject(certificate))
                    .with("issuer", number(certificate.getIssuerX500Principal().getName("RFC2253")))
                    .with("life", life(life))
                    .with("names", Optional.ofNullable(certificate.getSubjectAlternativeNames()))
                    .with("usage", Arrays.toString(certificate.getKeyUsage()))
                    .with("extended usage", Optional.ofNullable(certificate.getExtendedKeyUsage()))
                    .with("path length", certificate.getBasicConstraints())
                    .with("signed with", certificate.getSigAlgName())
                    .with("key", key(certificate.getPublicKey()))
                    .with("critical", sorted(certificate.getCriticalExtensionOIDs()))
                    .with("not critical", sorted(certificate.getNonCriticalExtensionOIDs()));
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("no certificate", e);
        }
    }

    /** What ends with its authority is only about as long as on the other side, where that was made earlier or later. */
    private static String life(Duration life) {
        long seconds = life.toSeconds();
        return seconds < CUT.toSeconds()
                ? seconds + " s"
                : "about " + Math.round((double) seconds / GRAIN_SECONDS) * GRAIN_SECONDS + " s";
    }

    private static String subject(X509Certificate certificate) {
        return number(certificate.getSubjectX500Principal().getName("RFC2253"));
    }

    /** An authority has a random number in its name. */
    private static String number(String name) {
        return name.replaceAll("2\\.5\\.4\\.5=#[0-9a-f]+", "serialNumber=N");
    }

    private static Set<String> sorted(@Nullable Set<String> names) {
        return names == null ? Set.of() : new TreeSet<>(names);
    }

    /** Of a name in words. */
    static String withoutNumber(String name) {
        return name.replaceAll("SERIALNUMBER=[0-9]+", "SERIALNUMBER=N");
    }

    static String ofKey(byte[] pkix) {
        try {
            var algorithm =
                    SubjectPublicKeyInfo.getInstance(pkix).getAlgorithm().getAlgorithm();
            var factory = KeyFactory.getInstance(PKCSObjectIdentifiers.rsaEncryption.equals(algorithm) ? "RSA" : "EC");
            return key(factory.generatePublic(new X509EncodedKeySpec(pkix)));
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("no public key", e);
        }
    }

    private static String key(PublicKey key) {
        return switch (key) {
            case ECPublicKey ec -> "EC " + ec.getParams().getOrder().bitLength();
            case RSAPublicKey rsa -> "RSA " + rsa.getModulus().bitLength();
            default -> key.getAlgorithm();
        };
    }

    /** Header and claims, with the life in the place of the times. */
    static Answer ofToken(String token) {
        var parts = token.split("\\.", -1);
        var header = json(parts[0]);
        var claims = json(parts[1]);
        long life = claims.get("exp").getAsLong() - claims.get("iat").getAsLong();
        header.addProperty("kid", "KEY");
        claims.remove("exp");
        claims.remove("iat");
        if (claims.has("jti")) {
            claims.addProperty("jti", "ID");
        }
        return Answer.empty()
                .with("parts", parts.length)
                .with("life", life(Duration.ofSeconds(life)))
                .withJson("header", header)
                .withJson("claims", claims);
    }

    private static JsonObject json(String part) {
        return JsonParser.parseString(new String(Base64.getUrlDecoder().decode(part), StandardCharsets.UTF_8))
                .getAsJsonObject();
    }
}
