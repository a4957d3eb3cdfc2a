// SPDX-License-Identifier: Apache-2.0
package io.countersign.spiffe.bundle;

import io.countersign.spiffe.TrustDomain;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The public keys of one trust domain (SPIFFE Trust Domain and Bundle section 4).
 *
 * <p>An empty list of authorities is legal and means that no SVID of that kind can be verified.
 *
 * @param trustDomain whose keys these are
 * @param x509Authorities CA certificates, in the order of the document
 * @param jwtAuthorities keys with distinct ids, in the order of the document
 * @param sequenceNumber rises with each change; 0 if none was given
 * @param refreshHint how often to ask for news, if the publisher says so; never negative
 */
public record TrustBundle(
        TrustDomain trustDomain,
        List<X509Certificate> x509Authorities,
        List<JwtAuthority> jwtAuthorities,
        long sequenceNumber,
        Optional<Duration> refreshHint)
        implements BundleSource {

    /** @throws InvalidBundleException if two JWT authorities share an id or a number is negative */
    public TrustBundle {
        x509Authorities = List.copyOf(x509Authorities);
        jwtAuthorities = List.copyOf(jwtAuthorities);
        if (sequenceNumber < 0 || refreshHint.filter(Duration::isNegative).isPresent()) {
            throw new InvalidBundleException("sequence number and refresh hint must not be negative");
        }
        Set<String> keyIds = new HashSet<>();
        for (JwtAuthority authority : jwtAuthorities) {
            if (!keyIds.add(authority.keyId())) {
                throw new InvalidBundleException("two jwt keys have the kid \"" + authority.keyId() + "\"");
            }
        }
    }

    /** A bundle of CA certificates alone. */
    public static TrustBundle ofX509(TrustDomain trustDomain, Collection<X509Certificate> authorities) {
        return new TrustBundle(trustDomain, List.copyOf(authorities), List.of(), 0, Optional.empty());
    }

    /** A bundle of JWT keys alone. */
    public static TrustBundle ofJwt(TrustDomain trustDomain, Collection<JwtAuthority> authorities) {
        return new TrustBundle(trustDomain, List.of(), List.copyOf(authorities), 0, Optional.empty());
    }

    /**
     * Reads a SPIFFE bundle document. An entry that cannot be used is left out with a warning and never takes the good
     * ones with it (section 4.2.2).
     *
     * @throws InvalidBundleException if the document as a whole is broken
     */
    public static TrustBundle parse(TrustDomain trustDomain, byte[] document) {
        return new BundleReader(trustDomain, BundleReader.Use.REQUIRED).read(document);
    }

    /**
     * Reads the JWK set that the Workload API delivers for JWT-SVIDs, where {@code use} may be missing (SPIFFE Workload
     * API section 6.2.2; SPIRE's agent never sends it).
     *
     * @throws InvalidBundleException if the document as a whole is broken
     */
    public static TrustBundle parseJwks(TrustDomain trustDomain, byte[] document) {
        return new BundleReader(trustDomain, BundleReader.Use.OPTIONAL).read(document);
    }

    /** This bundle as a SPIFFE bundle document, indented by four spaces. */
    public String toJson() {
        return BundleWriter.document(this);
    }

    /** The JWT keys alone as a JWK set without {@code use}, as SPIRE's Workload API sends it. */
    public String toJwks() {
        return BundleWriter.jwkSet(List.of(), jwtAuthorities);
    }

    /** The keys of both kinds as a JWK set without {@code use}, as SPIRE publishes it. */
    public String toWholeJwks() {
        return BundleWriter.jwkSet(x509Authorities, jwtAuthorities);
    }

    @Override
    public Optional<TrustBundle> bundle(TrustDomain asked) {
        return trustDomain.equals(asked) ? Optional.of(this) : Optional.empty();
    }
}
