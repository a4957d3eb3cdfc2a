// SPDX-License-Identifier: Apache-2.0
package io.countersign.spiffe.x509;

import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Looks for a path from a leaf over the presented intermediates to an authority, and lets the JDK's PKIX validator
 * (RFC 5280 section 6) judge it.
 *
 * <p>The JDK takes a trust anchor's own properties on faith: an expired root, one that is no CA and one with name
 * constraints all pass. So a self-signed authority is handed over as the last certificate of the path, under an anchor
 * that is only its name and key, and is judged like any other. An authority that is not self-signed cannot go through
 * that; it is checked here and refused if it carries name constraints.
 */
public final class ChainPaths {
    private static final int KEY_CERT_SIGN = 5;
    private static final int MAX_DEPTH = 10;
    private static final int MAX_TRIES = 64;
    /** CAs of one name can be put in so many orders that looking at all of them never ends. */
    private static final int MAX_STEPS = 256;

    private static final int MIN_RSA_BITS = 2048;
    private static final String NAME_CONSTRAINTS = "2.5.29.30";

    private final List<X509Certificate> intermediates;
    private final List<X509Certificate> authorities;
    private final Instant now;
    private final List<List<X509Certificate>> found = new ArrayList<>();
    private int steps;
    private int tries;
    private String reason = "no authority of the trust domain's bundle issued the chain";

    ChainPaths(List<X509Certificate> intermediates, List<X509Certificate> authorities, Instant now) {
        this.intermediates = intermediates;
        this.authorities = authorities.stream().filter(ChainPaths::maySign).toList();
        this.now = now;
    }

    /**
     * All valid paths, each from the leaf to an authority of the list. What the leaf may be used for is the caller's
     * question.
     *
     * @param intermediates in any order
     * @throws X509SvidException if there is none, with the reason of the last one that was tried
     */
    public static List<List<X509Certificate>> all(
            X509Certificate leaf, List<X509Certificate> intermediates, List<X509Certificate> authorities, Instant now) {
        ChainPaths paths = new ChainPaths(intermediates, authorities, now);
        paths.search(List.of(leaf), Integer.MAX_VALUE);
        return paths.orRefuse();
    }

    /** @throws X509SvidException with the reason of the last path that was tried */
    void requirePathFrom(X509Certificate leaf) {
        search(List.of(leaf), 1);
        orRefuse();
    }

    private List<List<X509Certificate>> orRefuse() {
        if (found.isEmpty()) {
            throw new X509SvidException(reason);
        }
        return List.copyOf(found);
    }

    /** Adds what continues this path to an authority, until enough are found. */
    private void search(List<X509Certificate> path, int enough) {
        if (++steps > MAX_STEPS) {
            reason = "the chain allows too many paths";
            return;
        }
        X509Certificate last = path.getLast();
        for (X509Certificate authority : authorities) {
            if (found.size() < enough && isIssuer(authority, last) && isValid(path, authority)) {
                found.add(with(path, authority));
            }
        }
        if (path.size() == MAX_DEPTH) {
            return;
        }
        for (X509Certificate next : intermediates) {
            if (found.size() < enough && isIssuer(next, last) && !path.contains(next) && maySign(next)) {
                search(with(path, next), enough);
            }
        }
    }

    private static boolean isIssuer(X509Certificate authority, X509Certificate certificate) {
        return authority.getSubjectX500Principal().equals(certificate.getIssuerX500Principal());
    }

    private static List<X509Certificate> with(List<X509Certificate> path, X509Certificate next) {
        List<X509Certificate> longer = new ArrayList<>(path);
        longer.add(next);
        return List.copyOf(longer);
    }

    private boolean isValid(List<X509Certificate> path, X509Certificate authority) {
        if (++tries > MAX_TRIES) {
            reason = "the chain allows more than " + MAX_TRIES + " paths";
            return false;
        }
        try {
            validate(path, authority);
            return true;
        } catch (GeneralSecurityException | RuntimeException e) {
            // the JDK throws NullPointerException when it meets a name constraint and an unusual trust domain
            reason = "the chain is not valid: " + e.getMessage();
            return false;
        }
    }

    private void validate(List<X509Certificate> path, X509Certificate authority) throws GeneralSecurityException {
        List<X509Certificate> checked = new ArrayList<>(path);
        if (isSelfSigned(authority)) {
            checked.add(authority);
        } else {
            authority.checkValidity(Date.from(now));
            if (authority.getExtensionValue(NAME_CONSTRAINTS) != null) {
                throw new X509SvidException("the authority has name constraints but is not self-signed");
            }
        }
        for (X509Certificate certificate : checked) {
            checkStrength(certificate);
        }
        TrustAnchor anchor = new TrustAnchor(authority.getSubjectX500Principal(), authority.getPublicKey(), null);
        PKIXParameters parameters = new PKIXParameters(Set.of(anchor));
        parameters.setRevocationEnabled(false);
        parameters.setDate(Date.from(now));
        CertPathValidator.getInstance("PKIX")
                .validate(CertificateFactory.getInstance("X.509").generateCertPath(checked), parameters);
    }

    private static void checkStrength(X509Certificate certificate) {
        String algorithm = certificate.getSigAlgName().toUpperCase(Locale.ROOT);
        if (algorithm.startsWith("SHA1") || algorithm.startsWith("MD")) {
            throw new X509SvidException("signature algorithm " + certificate.getSigAlgName() + " is too weak");
        }
        PublicKey key = certificate.getPublicKey();
        if (key instanceof RSAKey rsa && rsa.getModulus().bitLength() < MIN_RSA_BITS) {
            throw new X509SvidException("an rsa key of " + rsa.getModulus().bitLength() + " bits is too short");
        }
    }

    private static boolean isSelfSigned(X509Certificate certificate) {
        if (!certificate.getSubjectX500Principal().equals(certificate.getIssuerX500Principal())) {
            return false;
        }
        try {
            certificate.verify(certificate.getPublicKey());
            return true;
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    /** Whether the certificate is a CA's that says it may sign: X509-SVID sections 3.2 and 4.3. */
    private static boolean maySign(X509Certificate certificate) {
        boolean[] usage = certificate.getKeyUsage();
        return certificate.getBasicConstraints() >= 0 && usage != null && usage[KEY_CERT_SIGN];
    }
}
