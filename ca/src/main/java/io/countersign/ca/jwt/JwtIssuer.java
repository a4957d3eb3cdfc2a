// SPDX-License-Identifier: Apache-2.0
package io.countersign.ca.jwt;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jwt.JWTClaimsSet;
import io.countersign.ca.key.KeyType;
import io.countersign.ca.key.Signing;
import java.nio.ByteBuffer;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.HashMap;
import java.util.UUID;

/** Signs JWT-SVIDs (JWT-SVID sections 2 and 3). Thread-safe. */
public final class JwtIssuer {
    private final JwtKey key;
    private final JWSSigner signer;
    private final JWSHeader header;

    public JwtIssuer(JwtKey key) {
        this.key = key;
        var algorithm = KeyType.signatureAlgorithm(key.publicKey());
        try {
            signer = signer(key.publicKey(), Signing.converted(key.key(), algorithm));
        } catch (JOSEException e) {
            throw new IllegalArgumentException("key " + key.keyId() + " signs no tokens: " + e.getMessage(), e);
        }
        signer.getJCAContext().setProvider(Signing.provider(algorithm, key.key()));
        header = new JWSHeader.Builder(
                        switch (algorithm) {
                            case "SHA256withRSA" -> JWSAlgorithm.RS256;
                            case "SHA384withECDSA" -> JWSAlgorithm.ES384;
                            default -> JWSAlgorithm.ES256;
                        })
                .keyID(key.keyId())
                .type(JOSEObjectType.JWT)
                .build();
    }

    private static JWSSigner signer(PublicKey publicKey, PrivateKey key) throws JOSEException {
        return publicKey instanceof ECPublicKey ec
                ? new ECDSASigner(key, Curve.forECParameterSpec(ec.getParams()))
                : new RSASSASigner(key);
    }

    /**
     * The token in its compact form; it never outlives the key.
     *
     * @throws IllegalArgumentException if the key has ended already
     */
    public String issue(TokenTemplate template, Instant now) {
        if (!key.notAfter().isAfter(now)) {
            throw new IllegalArgumentException("jwt key " + key.keyId() + " has ended at " + key.notAfter()
                    + ", expected one that is valid; rotate it");
        }
        var wanted = now.plus(template.ttl());
        var expiry = wanted.isBefore(key.notAfter()) ? wanted : key.notAfter();
        var claims = new JWTClaimsSet.Builder()
                .subject(template.id().toString())
                .expirationTime(Date.from(expiry))
                .issueTime(Date.from(now));
        template.issuer().ifPresent(claims::issuer);
        if (template.unique()) {
            claims.jwtID(tokenId());
        }
        // the library writes one name as a string, SPIRE writes an array
        var payload = new HashMap<String, Object>(claims.build().toJSONObject());
        payload.put("aud", template.audience());
        var token = new JWSObject(header, new Payload(payload));
        try {
            token.sign(signer);
        } catch (JOSEException e) {
            throw new IllegalStateException("a token for \"" + template.id() + "\" cannot be signed", e);
        }
        return token.serialize();
    }

    private static String tokenId() {
        var id = UUID.randomUUID();
        var bytes = ByteBuffer.allocate(2 * Long.BYTES)
                .putLong(id.getMostSignificantBits())
                .putLong(id.getLeastSignificantBits())
                .array();
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
