// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.sds;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import io.countersign.agent.attest.Attestation;
import io.countersign.agent.config.AgentConfig.SdsNames;
import io.countersign.agent.entry.RegistrationEntry;
import io.countersign.agent.identity.Snapshot;
import io.countersign.sdsapi.core.DataSource;
import io.countersign.sdsapi.core.TypedExtensionConfig;
import io.countersign.sdsapi.tls.CertificateValidationContext;
import io.countersign.sdsapi.tls.SPIFFECertValidatorConfig;
import io.countersign.sdsapi.tls.Secret;
import io.countersign.sdsapi.tls.TlsCertificate;
import io.countersign.spiffe.TrustDomain;
import io.countersign.spiffe.bundle.TrustBundle;
import io.countersign.spiffe.x509.Pem;
import io.countersign.spiffe.x509.X509Svid;
import io.grpc.Status;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The secrets of one caller in one snapshot, by all names that it may use: a SPIFFE ID for a certificate with its key, a
 * trust domain's ID for what to verify peers with, and the configured short names for the default ones.
 *
 * @param plain whether peers are verified with a plain list of CAs, for clients that know no SPIFFE validator
 */
record Secrets(Snapshot snapshot, Attestation caller, SdsNames names, boolean plain) {
    /** By this name Envoy knows the validator that picks the bundle by the peer's trust domain. */
    private static final String SPIFFE_VALIDATOR = "envoy.tls.cert_validator.spiffe";

    /** Of what a caller has made up, as much as a refusal repeats: clients take no more than 8 KiB of headers. */
    private static final int MOST_REPEATED = 1_000;

    private static final String TYPES = "type.googleapis.com/";

    /**
     * The secrets of these names in their order, or all of the caller's by their IDs if there are none.
     *
     * @return nothing as long as a certificate that is asked for is not issued yet
     * @throws io.grpc.StatusRuntimeException if the caller has no identity, or a name is not its to ask for
     */
    Optional<Map<String, Any>> select(Collection<String> wanted) {
        var entries = snapshot.entriesOf(caller);
        if (entries.isEmpty()) {
            throw refusal(Status.Code.PERMISSION_DENIED, "no identity issued");
        }
        var federated = snapshot.federatedX509Bundles(entries);
        var named = new LinkedHashSet<>(wanted);
        named.remove("");
        var asked = named.isEmpty() ? allIds(entries, federated.keySet()) : named;
        var missing = new TreeSet<String>();
        var found = new LinkedHashMap<String, Any>();
        for (var name : asked) {
            if (isSvid(name, entries)) {
                var svid = svid(name, entries);
                if (svid.isEmpty()) {
                    return Optional.empty();
                }
                found.put(name, packed(certificate(name, svid.get())));
            } else {
                validation(name, federated)
                        .ifPresentOrElse(secret -> found.put(name, packed(secret)), () -> missing.add(name));
            }
        }
        if (!missing.isEmpty()) {
            throw refusal(
                    Status.Code.INVALID_ARGUMENT,
                    "workload is not authorized for the requested identities [" + shortened(quoted(missing)) + "]");
        }
        return Optional.of(Collections.unmodifiableMap(found));
    }

    private Set<String> allIds(List<RegistrationEntry> entries, Set<TrustDomain> federated) {
        var ids = new LinkedHashSet<String>();
        entries.forEach(entry -> ids.add(entry.spiffeId().toString()));
        ids.add(snapshot.trustDomain().idString());
        federated.forEach(domain -> ids.add(domain.idString()));
        return ids;
    }

    private boolean isSvid(String name, List<RegistrationEntry> entries) {
        return name.equals(names.svid())
                || entries.stream()
                        .anyMatch(entry -> entry.spiffeId().toString().equals(name));
    }

    private Optional<X509Svid> svid(String name, List<RegistrationEntry> entries) {
        return entries.stream()
                .filter(entry ->
                        name.equals(names.svid()) || entry.spiffeId().toString().equals(name))
                .findFirst()
                .flatMap(entry -> Optional.ofNullable(snapshot.svids().get(entry.id())))
                .map(issued -> issued.svid());
    }

    private Optional<Secret> validation(String name, Map<TrustDomain, TrustBundle> federated) {
        if (name.equals(names.bundle()) || name.equals(snapshot.trustDomain().idString())) {
            return Optional.of(validation(name, List.of(snapshot.ownBundle())));
        }
        if (name.equals(names.allBundles())) {
            if (plain) {
                throw refusal(
                        Status.Code.INTERNAL, "unable to use \"" + name + "\" with SPIFFE cert validator disabled");
            }
            var all = new TreeMap<>(federated);
            all.put(snapshot.trustDomain(), snapshot.ownBundle());
            return Optional.of(validation(name, all.values()));
        }
        return federated.values().stream()
                .filter(bundle -> bundle.trustDomain().idString().equals(name))
                .findAny()
                .map(bundle -> validation(name, List.of(bundle)));
    }

    private Secret validation(String name, Collection<TrustBundle> bundles) {
        var context = CertificateValidationContext.newBuilder();
        if (plain) {
            context.setTrustedCa(
                    inline(Pem.certificates(bundles.iterator().next().x509Authorities())));
        } else {
            var validator = SPIFFECertValidatorConfig.newBuilder();
            for (var bundle : bundles) {
                validator.addTrustDomains(SPIFFECertValidatorConfig.TrustDomain.newBuilder()
                        .setName(bundle.trustDomain().name())
                        .setTrustBundle(inline(Pem.certificates(bundle.x509Authorities()))));
            }
            context.setCustomValidatorConfig(TypedExtensionConfig.newBuilder()
                    .setName(SPIFFE_VALIDATOR)
                    .setTypedConfig(Any.pack(validator.build(), TYPES)));
        }
        return Secret.newBuilder().setName(name).setValidationContext(context).build();
    }

    private static Secret certificate(String name, X509Svid svid) {
        return Secret.newBuilder()
                .setName(name)
                .setTlsCertificate(TlsCertificate.newBuilder()
                        .setCertificateChain(inline(Pem.certificates(svid.chain())))
                        .setPrivateKey(inline(Pem.privateKey(svid.privateKey()))))
                .build();
    }

    private static DataSource inline(String pem) {
        return DataSource.newBuilder()
                .setInlineBytes(ByteString.copyFromUtf8(pem))
                .build();
    }

    private static Any packed(Secret secret) {
        return Any.pack(secret, TYPES);
    }

    private static String shortened(String words) {
        return words.length() <= MOST_REPEATED ? words : words.substring(0, MOST_REPEATED) + "...";
    }

    private static String quoted(Set<String> missing) {
        return missing.stream().map(name -> "\"" + name + "\"").collect(Collectors.joining(" "));
    }

    private static RuntimeException refusal(Status.Code code, String words) {
        return code.toStatus().withDescription(words).asRuntimeException();
    }
}
