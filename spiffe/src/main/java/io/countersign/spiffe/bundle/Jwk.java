// SPDX-License-Identifier: Apache-2.0
package io.countersign.spiffe.bundle;

import io.countersign.spiffe.json.Json;
import java.math.BigInteger;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.ECFieldFp;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.security.spec.EllipticCurve;
import java.security.spec.RSAPublicKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;

/** Public keys as JWK members (RFC 7517, RFC 7518 section 6). */
public final class Jwk {
    /** The three curves that SPIFFE's algorithms use, with their names in JOSE, in the JDK, and the bytes of a coordinate. */
    private enum Curve {
        P256("P-256", "secp256r1", 32),
        P384("P-384", "secp384r1", 48),
        P521("P-521", "secp521r1", 66);

        final String jose;
        final String jdk;
        final int bytes;

        Curve(String jose, String jdk, int bytes) {
            this.jose = jose;
            this.jdk = jdk;
            this.bytes = bytes;
        }
    }

    private Jwk() {}

    /**
     * The key that an entry holds; private members are not looked at.
     *
     * @throws InvalidBundleException if it is no EC or RSA key
     */
    public static PublicKey parse(Json.Members entry) {
        String type = required(entry, "kty");
        try {
            return switch (type) {
                case "EC" -> parseEc(entry);
                case "RSA" ->
                    KeyFactory.getInstance("RSA")
                            .generatePublic(new RSAPublicKeySpec(number(entry, "n"), number(entry, "e")));
                default -> throw new InvalidBundleException("key type \"" + type + "\" is not EC or RSA");
            };
        } catch (GeneralSecurityException e) {
            throw new InvalidBundleException("the key cannot be read", e);
        }
    }

    private static PublicKey parseEc(Json.Members entry) throws GeneralSecurityException {
        String name = required(entry, "crv");
        Curve curve = Arrays.stream(Curve.values())
                .filter(c -> c.jose.equals(name))
                .findAny()
                .orElseThrow(() -> new InvalidBundleException("curve \"" + name + "\" is not P-256, P-384 or P-521"));
        ECParameterSpec parameters = parameters(curve);
        ECPoint point = new ECPoint(number(entry, "x"), number(entry, "y"));
        if (!isOnCurve(point, parameters.getCurve())) {
            throw new InvalidBundleException("the point is not on curve " + name);
        }
        return KeyFactory.getInstance("EC").generatePublic(new ECPublicKeySpec(point, parameters));
    }

    /** The members that say the key, in the order that SPIRE writes them. */
    static Map<String, String> members(PublicKey key) {
        Map<String, String> members = new LinkedHashMap<>();
        if (key instanceof ECPublicKey ec) {
            Curve curve = curveOf(ec);
            members.put("kty", "EC");
            members.put("crv", curve.jose);
            members.put("x", encode(ec.getW().getAffineX(), curve.bytes));
            members.put("y", encode(ec.getW().getAffineY(), curve.bytes));
        } else if (key instanceof RSAPublicKey rsa) {
            members.put("kty", "RSA");
            members.put("n", encode(rsa.getModulus(), (rsa.getModulus().bitLength() + 7) / 8));
            members.put(
                    "e",
                    encode(rsa.getPublicExponent(), (rsa.getPublicExponent().bitLength() + 7) / 8));
        } else {
            throw new InvalidBundleException("a key of type " + key.getAlgorithm() + " has no place in a bundle");
        }
        return members;
    }

    private static Curve curveOf(ECPublicKey key) {
        int bits = key.getParams().getCurve().getField().getFieldSize();
        return Arrays.stream(Curve.values())
                .filter(curve -> (bits + 7) / 8 == curve.bytes)
                .findAny()
                .orElseThrow(() -> new InvalidBundleException("a curve of " + bits + " bits has no place in a bundle"));
    }

    private static ECParameterSpec parameters(Curve curve) throws GeneralSecurityException {
        AlgorithmParameters parameters = AlgorithmParameters.getInstance("EC");
        parameters.init(new ECGenParameterSpec(curve.jdk));
        return parameters.getParameterSpec(ECParameterSpec.class);
    }

    private static boolean isOnCurve(ECPoint point, EllipticCurve curve) {
        BigInteger p = ((ECFieldFp) curve.getField()).getP();
        BigInteger x = point.getAffineX();
        BigInteger y = point.getAffineY();
        if (x.compareTo(p) >= 0 || y.compareTo(p) >= 0) {
            return false;
        }
        BigInteger right = x.pow(3).add(curve.getA().multiply(x)).add(curve.getB());
        return y.pow(2).subtract(right).mod(p).signum() == 0;
    }

    private static String required(Json.Members entry, String name) {
        return entry.text(name)
                .orElseThrow(() -> new InvalidBundleException("member \"" + name + "\" is missing or no string"));
    }

    private static BigInteger number(Json.Members entry, String name) {
        String value = required(entry, name);
        if (value.isEmpty() || value.indexOf('=') >= 0) {
            throw new InvalidBundleException("member \"" + name + "\" is not base64url without padding");
        }
        try {
            return new BigInteger(1, Base64.getUrlDecoder().decode(value));
        } catch (IllegalArgumentException e) {
            throw new InvalidBundleException("member \"" + name + "\" is not base64url", e);
        }
    }

    private static String encode(BigInteger value, int length) {
        byte[] signed = value.toByteArray();
        byte[] fixed = new byte[length];
        int used = Math.min(signed.length, length);
        System.arraycopy(signed, signed.length - used, fixed, length - used, used);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(fixed);
    }
}
