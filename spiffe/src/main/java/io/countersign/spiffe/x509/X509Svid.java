// SPDX-License-Identifier: Apache-2.0
package io.countersign.spiffe.x509;

import io.countersign.spiffe.SpiffeId;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * A program's own identity: a certificate chain and the key that proves it.
 *
 * <p>The leaf keeps the rules of X509-SVID sections 2 to 4 and the key belongs to it. Time is not judged: a source that
 * holds an expired SVID has to say so itself.
 */
public final class X509Svid {
    private final SpiffeId id;
    private final List<X509Certificate> chain;
    private final PrivateKey privateKey;
    private final String hint;

    private X509Svid(List<X509Certificate> chain, PrivateKey privateKey, String hint) {
        this.chain = List.copyOf(chain);
        if (this.chain.isEmpty()) {
            throw new X509SvidException("the chain is empty; expected the leaf certificate first");
        }
        this.id = LeafRules.check(this.chain.getFirst());
        this.privateKey = privateKey;
        this.hint = hint;
    }

    /**
     * The key has to prove that it is the leaf's.
     *
     * @param id the leaf's SPIFFE ID
     * @param chain leaf first, then intermediates; at least the leaf
     * @param hint what the registration says the identity is for, or empty (Workload API section 5.2.1)
     * @throws X509SvidException if a rule is broken
     */
    public X509Svid(SpiffeId id, List<X509Certificate> chain, PrivateKey privateKey, String hint) {
        this(chain, privateKey, hint);
        require(id);
        require(belongTogether(privateKey, leaf().getPublicKey()));
    }

    /**
     * A chain for a pair of keys that was made here. They need no proof that they are a pair, which takes longer than all
     * else; that the leaf has the public one is looked at.
     *
     * @throws X509SvidException if a rule is broken
     */
    public static X509Svid ofPair(SpiffeId id, List<X509Certificate> chain, KeyPair keys) {
        var svid = new X509Svid(chain, keys.getPrivate(), "");
        svid.require(id);
        svid.require(Arrays.equals(
                keys.getPublic().getEncoded(), svid.leaf().getPublicKey().getEncoded()));
        return svid;
    }

    private void require(SpiffeId expected) {
        if (!id.equals(expected)) {
            throw new X509SvidException("the leaf is for \"" + id + "\"; expected \"" + expected + "\"");
        }
    }

    private void require(boolean together) {
        if (!together) {
            throw new X509SvidException("the private key does not belong to the leaf certificate of \"" + id + "\"");
        }
    }

    /**
     * Reads two files.
     *
     * @param pemChain certificates as PEM, leaf first
     * @param pemKey the key as PKCS#8 PEM
     * @throws X509SvidException if they are not an SVID
     */
    public static X509Svid parse(byte[] pemChain, byte[] pemKey) {
        return of(Pem.parseCertificates(pemChain), Pem.parsePrivateKey(pemKey), "");
    }

    /**
     * Reads what the Workload API delivers.
     *
     * @param derChain certificates as concatenated DER, leaf first
     * @param pkcs8Key the key as PKCS#8
     * @throws X509SvidException if they are not an SVID
     */
    public static X509Svid parseRaw(byte[] derChain, byte[] pkcs8Key) {
        return of(Der.parseCertificates(derChain), Der.parsePkcs8(pkcs8Key), "");
    }

    private static X509Svid of(List<X509Certificate> chain, PrivateKey key, String hint) {
        if (chain.isEmpty()) {
            throw new X509SvidException("the chain is empty; expected the leaf certificate first");
        }
        return new X509Svid(X509SvidValidator.idOf(chain.getFirst()), chain, key, hint);
    }

    /** The same identity with another hint. */
    public X509Svid withHint(String newHint) {
        return new X509Svid(chain, privateKey, newHint);
    }

    public SpiffeId id() {
        return id;
    }

    /** Leaf first. */
    public List<X509Certificate> chain() {
        return chain;
    }

    public PrivateKey privateKey() {
        return privateKey;
    }

    /** What the registration says the identity is for, or empty. */
    public String hint() {
        return hint;
    }

    public X509Certificate leaf() {
        return chain.getFirst();
    }

    public Instant notBefore() {
        return leaf().getNotBefore().toInstant();
    }

    public Instant expiresAt() {
        return leaf().getNotAfter().toInstant();
    }

    /** The leaf's serial number as lower-case hexadecimal without leading zeros. */
    public String serialNumberHex() {
        BigInteger serial = leaf().getSerialNumber();
        return serial.toString(16);
    }

    /** The key follows from the leaf. */
    @Override
    public boolean equals(Object other) {
        return other instanceof X509Svid svid && chain.equals(svid.chain) && hint.equals(svid.hint);
    }

    @Override
    public int hashCode() {
        return Objects.hash(chain, hint);
    }

    /** Without the key. */
    @Override
    public String toString() {
        return "X509Svid[id=%s, serial=%s, expiresAt=%s]".formatted(id, serialNumberHex(), expiresAt());
    }

    private static boolean belongTogether(PrivateKey privateKey, PublicKey publicKey) {
        String algorithm = switch (publicKey.getAlgorithm()) {
            case "EC" -> "SHA256withECDSA";
            case "RSA" -> "SHA256withRSA";
            default -> publicKey.getAlgorithm();
        };
        try {
            byte[] probe = publicKey.getEncoded();
            Signature signer = Signature.getInstance(algorithm);
            signer.initSign(privateKey);
            signer.update(probe);
            byte[] signature = signer.sign();
            Signature verifier = Signature.getInstance(algorithm);
            verifier.initVerify(publicKey);
            verifier.update(probe);
            return verifier.verify(signature);
        } catch (GeneralSecurityException e) {
            return false; // another type of key, or another curve
        }
    }
}
