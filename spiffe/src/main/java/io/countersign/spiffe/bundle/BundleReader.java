// SPDX-License-Identifier: Apache-2.0
package io.countersign.spiffe.bundle;

import io.countersign.spiffe.TrustDomain;
import io.countersign.spiffe.json.Json;
import io.countersign.spiffe.json.JsonException;
import io.countersign.spiffe.x509.Der;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/** Reads bundle documents: SPIFFE Trust Domain and Bundle sections 4.1 and 4.2. */
final class BundleReader {
    /** Whether an entry must say what it is for. */
    enum Use {
        REQUIRED,
        OPTIONAL
    }

    private static final Logger LOG = System.getLogger(BundleReader.class.getName());
    private static final BigInteger MAX_SEQUENCE = BigInteger.valueOf(Long.MAX_VALUE);
    private static final long MAX_HINT_SECONDS = Duration.ofDays(365).toSeconds();

    private final TrustDomain trustDomain;
    private final Use use;
    private final List<X509Certificate> x509Authorities = new ArrayList<>();
    private final List<JwtAuthority> jwtAuthorities = new ArrayList<>();

    BundleReader(TrustDomain trustDomain, Use use) {
        this.trustDomain = trustDomain;
        this.use = use;
    }

    TrustBundle read(byte[] document) {
        Json json;
        try {
            json = Json.parse(document);
        } catch (JsonException e) {
            throw new InvalidBundleException(about() + " is not valid json: " + e.getMessage(), e);
        }
        if (!(json instanceof Json.Members members)
                || !(members.get("keys").orElse(new Json.Nothing()) instanceof Json.Elements keys)) {
            throw new InvalidBundleException(about() + " has no list \"keys\"");
        }
        for (int i = 0; i < keys.elements().size(); i++) {
            try {
                readEntry(keys.elements().get(i));
            } catch (IllegalArgumentException e) {
                LOG.log(Level.WARNING, "{0}: entry {1} left out: {2}", about(), i, e.getMessage());
            }
        }
        return new TrustBundle(trustDomain, x509Authorities, jwtAuthorities, sequence(members), hint(members));
    }

    private void readEntry(Json element) {
        if (!(element instanceof Json.Members entry)) {
            throw new InvalidBundleException("it is no object");
        }
        String purpose = entry.get("use").isEmpty() && use == Use.OPTIONAL
                ? "jwt-svid"
                : entry.text("use")
                        .orElseThrow(() -> new InvalidBundleException("member \"use\" is missing or no string"));
        switch (purpose) {
            case "x509-svid" -> x509Authorities.add(certificate(entry));
            case "jwt-svid" ->
                jwtAuthorities.add(new JwtAuthority(
                        entry.text("kid")
                                .orElseThrow(
                                        () -> new InvalidBundleException("member \"kid\" is missing or no string")),
                        Jwk.parse(entry)));
            default -> throw new InvalidBundleException("use \"" + purpose + "\" is not known");
        }
    }

    /** The first certificate of {@code x5c}; any further one is to be ignored (X509-SVID section 6.2). */
    private static X509Certificate certificate(Json.Members entry) {
        if (!(entry.get("x5c").orElse(new Json.Nothing()) instanceof Json.Elements(List<Json> chain))
                || chain.isEmpty()
                || !(chain.getFirst() instanceof Json.Text(String base64))) {
            throw new InvalidBundleException("member \"x5c\" holds no certificate");
        }
        List<X509Certificate> certificates =
                Der.parseCertificates(Base64.getDecoder().decode(base64.replaceAll("[\r\n]", "")));
        if (certificates.size() != 1) {
            throw new InvalidBundleException("member \"x5c\" is not one certificate");
        }
        X509Certificate certificate = certificates.getFirst();
        if (certificate.getBasicConstraints() < 0) {
            throw new InvalidBundleException("the certificate is not a ca");
        }
        if (!Jwk.parse(entry).equals(certificate.getPublicKey())) {
            throw new InvalidBundleException("the key is not that of the certificate");
        }
        return certificate;
    }

    private long sequence(Json.Members document) {
        return switch (document.get("spiffe_sequence").orElse(new Json.Numeric(BigDecimal.ZERO))) {
            case Json.Numeric(BigDecimal number)
            when isInteger(number) && number.signum() >= 0 -> {
                BigInteger sequence = number.toBigInteger();
                if (sequence.compareTo(MAX_SEQUENCE) > 0) {
                    throw new InvalidBundleException(about() + " has spiffe_sequence " + number + ", beyond 2^63-1");
                }
                yield sequence.longValueExact();
            }
            case Json ignored ->
                throw new InvalidBundleException(about() + " has a spiffe_sequence that is no positive integer");
        };
    }

    /** A hint that makes no sense is as good as none; the rest of the document still counts. */
    private Optional<Duration> hint(Json.Members document) {
        return switch (document.get("spiffe_refresh_hint").orElse(new Json.Nothing())) {
            case Json.Nothing() -> Optional.empty();
            case Json.Numeric(BigDecimal number)
            when isInteger(number) ->
                Optional.of(Duration.ofSeconds(number.max(BigDecimal.ZERO)
                        .min(BigDecimal.valueOf(MAX_HINT_SECONDS))
                        .longValueExact()));
            case Json ignored -> {
                LOG.log(Level.WARNING, "{0}: spiffe_refresh_hint is no integer and left out", about());
                yield Optional.empty();
            }
        };
    }

    private static boolean isInteger(BigDecimal number) {
        return number.signum() == 0 || number.stripTrailingZeros().scale() <= 0;
    }

    private String about() {
        return "the bundle of trust domain \"" + trustDomain + "\"";
    }
}
