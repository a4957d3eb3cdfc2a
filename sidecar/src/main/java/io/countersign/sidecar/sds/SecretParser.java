// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.sds;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import io.countersign.sdsapi.core.DataSource;
import io.countersign.sdsapi.discovery.DiscoveryResponse;
import io.countersign.sdsapi.tls.CertificateValidationContext;
import io.countersign.sdsapi.tls.SPIFFECertValidatorConfig;
import io.countersign.sdsapi.tls.SubjectAltNameMatcher;
import io.countersign.sdsapi.tls.TlsCertificate;
import io.countersign.sidecar.match.SanMatcher;
import io.countersign.sidecar.match.StringMatcher;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;

/** From an answer on the wire to a {@link Secret}; whatever is not sound is refused, so that the agent hears of it. */
final class SecretParser {
    private static final List<String> KEY_ALGORITHMS = List.of("EC", "RSA", "Ed25519");

    private SecretParser() {}

    /** @throws IllegalArgumentException saying what is wrong, without a word of the secret's contents */
    static Secret parse(DiscoveryResponse response, String name) {
        if (response.getResourcesCount() != 1) {
            throw new IllegalArgumentException(
                    "response has " + response.getResourcesCount() + " resources, expected the one secret " + name);
        }
        var secret = unpack(response.getResources(0), io.countersign.sdsapi.tls.Secret.class);
        if (!secret.getName().equals(name)) {
            throw new IllegalArgumentException("response has secret " + secret.getName() + ", expected " + name);
        }
        return switch (secret.getTypeCase()) {
            case TLS_CERTIFICATE -> identity(secret.getTlsCertificate());
            case VALIDATION_CONTEXT -> trust(secret.getValidationContext());
            case TYPE_NOT_SET ->
                throw new IllegalArgumentException(
                        "secret " + name + " is neither a TLS certificate nor a validation context");
        };
    }

    private static <T extends Message> T unpack(Any any, Class<T> type) {
        try {
            return any.unpack(type);
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalArgumentException(any.getTypeUrl() + " is no " + type.getSimpleName(), e);
        }
    }

    private static Secret.Identity identity(TlsCertificate certificate) {
        if (certificate.hasPkcs12() || certificate.hasPassword()) {
            throw new IllegalArgumentException("TLS certificate is encrypted, expected PEM without password");
        }
        return identity(
                inline(certificate.getCertificateChain(), "certificate_chain"),
                inline(certificate.getPrivateKey(), "private_key"));
    }

    /**
     * @param chainPem leaf first
     * @param keyPem PKCS#8
     * @throws IllegalArgumentException saying what is wrong, without a word of the key
     */
    static Secret.Identity identity(byte[] chainPem, byte[] keyPem) {
        var chain = certificates(chainPem, "certificate_chain");
        var key = key(keyPem);
        if (!belongTogether(key, chain.getFirst().getPublicKey())) {
            throw new IllegalArgumentException("private key does not belong to the certificate");
        }
        return new Secret.Identity(chain, key);
    }

    /** Authorities for all names. */
    static Secret.Trust trust(byte[] authoritiesPem) {
        var anchors = new Secret.Anchors.Plain(certificates(authoritiesPem, "trusted_ca"));
        return new Secret.Trust(anchors, List.of(), List.of(), false);
    }

    private static Secret.Trust trust(CertificateValidationContext context) {
        if (context.hasCrl() || context.getVerifyCertificateSpkiCount() > 0) {
            throw new IllegalArgumentException("validation context has a CRL or SPKI pins, which are not supported");
        }
        if (context.getTrustChainVerification()
                == CertificateValidationContext.TrustChainVerification.ACCEPT_UNTRUSTED) {
            throw new IllegalArgumentException("validation context accepts untrusted peers, which is not supported");
        }
        var names = new ArrayList<SanMatcher>();
        context.getMatchTypedSubjectAltNamesList().forEach(matcher -> names.add(san(matcher)));
        context.getMatchSubjectAltNamesList()
                .forEach(matcher -> names.add(new SanMatcher(SanMatcher.Kind.ANY, matcher(matcher))));
        var fingerprints = context.getVerifyCertificateHashList().stream()
                .map(text -> text.replace(":", "").toLowerCase(Locale.ROOT))
                .toList();
        var anchors = context.hasCustomValidatorConfig()
                ? perTrustDomain(context.getCustomValidatorConfig().getTypedConfig())
                : new Secret.Anchors.Plain(certificates(inline(context.getTrustedCa(), "trusted_ca"), "trusted_ca"));
        return new Secret.Trust(anchors, names, fingerprints, context.getAllowExpiredCertificate());
    }

    private static Secret.Anchors perTrustDomain(Any config) {
        var domains = new HashMap<String, List<X509Certificate>>();
        for (var domain : unpack(config, SPIFFECertValidatorConfig.class).getTrustDomainsList()) {
            var what = "trust_bundle of " + domain.getName();
            var authorities = certificates(inline(domain.getTrustBundle(), what), what);
            if (domains.put(domain.getName(), authorities) != null) {
                throw new IllegalArgumentException("trust domain " + domain.getName() + " occurs twice");
            }
        }
        if (domains.isEmpty()) {
            throw new IllegalArgumentException("SPIFFE validator has no trust domain");
        }
        return new Secret.Anchors.PerTrustDomain(domains);
    }

    private static SanMatcher san(SubjectAltNameMatcher matcher) {
        var kind = switch (matcher.getSanType()) {
            case URI -> SanMatcher.Kind.URI;
            case DNS -> SanMatcher.Kind.DNS;
            case EMAIL -> SanMatcher.Kind.EMAIL;
            case IP_ADDRESS -> SanMatcher.Kind.IP_ADDRESS;
            case SAN_TYPE_UNSPECIFIED, OTHER_NAME, UNRECOGNIZED ->
                throw new IllegalArgumentException("names of kind " + matcher.getSanType() + " cannot be matched");
        };
        return new SanMatcher(kind, matcher(matcher.getMatcher()));
    }

    private static StringMatcher matcher(io.countersign.sdsapi.matcher.StringMatcher matcher) {
        boolean fold = matcher.getIgnoreCase();
        return switch (matcher.getMatchPatternCase()) {
            case EXACT -> new StringMatcher.Exact(matcher.getExact(), fold);
            case PREFIX -> new StringMatcher.Prefix(matcher.getPrefix(), fold);
            case SUFFIX -> new StringMatcher.Suffix(matcher.getSuffix(), fold);
            case CONTAINS -> new StringMatcher.Contains(matcher.getContains(), fold);
            case SAFE_REGEX -> regex(matcher.getSafeRegex().getRegex());
            case MATCHPATTERN_NOT_SET -> throw new IllegalArgumentException("name matcher is empty or not supported");
        };
    }

    private static StringMatcher regex(String expression) {
        try {
            return new StringMatcher.Regex(Pattern.compile(expression));
        } catch (PatternSyntaxException e) {
            throw new IllegalArgumentException("name matcher is no RE2 expression: " + e.getDescription(), e);
        }
    }

    /** Never a file or a variable: the agent could otherwise make this process read what the agent cannot. */
    private static byte[] inline(DataSource source, String what) {
        return switch (source.getSpecifierCase()) {
            case INLINE_BYTES -> source.getInlineBytes().toByteArray();
            case INLINE_STRING -> source.getInlineString().getBytes(StandardCharsets.UTF_8);
            case FILENAME, ENVIRONMENT_VARIABLE ->
                throw new IllegalArgumentException(
                        what + " names a file or variable, expected the bytes themselves from an agent");
            case SPECIFIER_NOT_SET -> throw new IllegalArgumentException(what + " is missing");
        };
    }

    private static List<X509Certificate> certificates(byte[] pem, String what) {
        var result = new ArrayList<X509Certificate>();
        try {
            var factory = CertificateFactory.getInstance("X.509");
            for (var certificate : factory.generateCertificates(new ByteArrayInputStream(pem))) {
                result.add((X509Certificate) certificate);
            }
        } catch (CertificateException e) {
            throw new IllegalArgumentException(what + " is no list of PEM certificates", e);
        }
        if (result.isEmpty()) {
            throw new IllegalArgumentException(what + " has no certificate");
        }
        return result;
    }

    private static PrivateKey key(byte[] bytes) {
        var pem = new String(bytes, StandardCharsets.US_ASCII);
        int begin = pem.indexOf("-----BEGIN PRIVATE KEY-----");
        int end = pem.indexOf("-----END PRIVATE KEY-----");
        if (begin < 0 || end < begin) {
            throw new IllegalArgumentException("private_key is no PEM of type PRIVATE KEY (PKCS#8)");
        }
        var base64 = pem.substring(begin + "-----BEGIN PRIVATE KEY-----".length(), end);
        var spec = new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(base64));
        for (var algorithm : KEY_ALGORITHMS) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(spec);
            } catch (InvalidKeySpecException e) {
                // of another kind: the next one may fit
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("this Java has no " + algorithm + " keys", e);
            }
        }
        throw new IllegalArgumentException("private_key is none of " + KEY_ALGORITHMS);
    }

    private static boolean belongTogether(PrivateKey own, PublicKey shown) {
        var algorithm = switch (own.getAlgorithm()) {
            case "EC" -> "SHA256withECDSA";
            case "RSA" -> "SHA256withRSA";
            default -> own.getAlgorithm();
        };
        byte[] probe = "countersign".getBytes(StandardCharsets.US_ASCII);
        try {
            var signature = Signature.getInstance(algorithm);
            signature.initSign(own);
            signature.update(probe);
            byte[] signed = signature.sign();
            signature.initVerify(shown);
            signature.update(probe);
            return signature.verify(signed);
        } catch (GeneralSecurityException e) {
            // not even of the same kind
            return false;
        }
    }
}
