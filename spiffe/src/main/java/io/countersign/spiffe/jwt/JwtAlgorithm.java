// SPDX-License-Identifier: Apache-2.0
package io.countersign.spiffe.jwt;

import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.util.Arrays;

/** The nine signature algorithms of JWT-SVID section 2.1, named as in RFC 7518 section 3. */
public enum JwtAlgorithm {
    RS256(Family.RSA, 256),
    RS384(Family.RSA, 384),
    RS512(Family.RSA, 512),
    ES256(Family.EC, 256),
    ES384(Family.EC, 384),
    ES512(Family.EC, 521),
    PS256(Family.PSS, 256),
    PS384(Family.PSS, 384),
    PS512(Family.PSS, 512);

    private enum Family {
        RSA,
        EC,
        PSS
    }

    private static final int MIN_RSA_BITS = 2048;

    private final Family family;
    /** Of the digest; for the family of EC, of the curve. */
    private final int bits;

    JwtAlgorithm(Family family, int bits) {
        this.family = family;
        this.bits = bits;
    }

    /** @throws JwtSvidException if it is none of them */
    public static JwtAlgorithm named(String name) {
        return Arrays.stream(values())
                .filter(algorithm -> algorithm.name().equals(name))
                .findAny()
                .orElseThrow(() -> new JwtSvidException("alg \"" + shorten(name) + "\" is not one of "
                        + Arrays.toString(values()) + ", which jwt-svids may use"));
    }

    /** Whether a key is of this algorithm's type, curve and strength. */
    public boolean fits(PublicKey key) {
        return switch (family) {
            case EC ->
                key instanceof ECPublicKey ec
                        && ec.getParams().getCurve().getField().getFieldSize() == bits;
            case RSA, PSS -> key instanceof RSAPublicKey rsa && rsa.getModulus().bitLength() >= MIN_RSA_BITS;
        };
    }

    /** Whether the signature was made over these bytes with the other half of the key, which {@link #fits}. */
    public boolean verifies(PublicKey key, byte[] signed, byte[] signature) {
        try {
            Signature verifier = verifier();
            verifier.initVerify(key);
            verifier.update(signed);
            return verifier.verify(signature);
        } catch (GeneralSecurityException e) {
            return false; // a signature of the wrong length or shape
        }
    }

    private Signature verifier() throws GeneralSecurityException {
        String digest = "SHA" + (family == Family.EC && bits == 521 ? 512 : bits);
        return switch (family) {
            case RSA -> Signature.getInstance(digest + "withRSA");
            case EC -> Signature.getInstance(digest + "withECDSAinP1363Format");
            case PSS -> {
                Signature pss = Signature.getInstance("RSASSA-PSS");
                String name = "SHA-" + bits;
                pss.setParameter(new PSSParameterSpec(name, "MGF1", new MGF1ParameterSpec(name), bits / 8, 1));
                yield pss;
            }
        };
    }

    private static String shorten(String name) {
        return name.length() <= 20 ? name : name.substring(0, 20) + "…";
    }
}
