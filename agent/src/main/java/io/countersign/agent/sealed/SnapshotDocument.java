// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.sealed;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonParseException;
import io.countersign.agent.entry.Edition;
import io.countersign.agent.entry.RegistrationEntry;
import io.countersign.agent.entry.Selector;
import io.countersign.agent.identity.IssuedSvid;
import io.countersign.agent.identity.Snapshot;
import io.countersign.spiffe.SpiffeId;
import io.countersign.spiffe.TrustDomain;
import io.countersign.spiffe.bundle.JwtAuthority;
import io.countersign.spiffe.bundle.TrustBundle;
import io.countersign.spiffe.x509.Der;
import io.countersign.spiffe.x509.X509Svid;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** A snapshot as JSON. Gson fills the fields; all are there in what this class has written. */
final class SnapshotDocument {
    private static final Gson JSON = new GsonBuilder().disableHtmlEscaping().create();

    private record Held(String chain, String key, long revision, long createdAt) {}

    private record Entry(
            String id,
            String spiffeId,
            List<String> types,
            List<String> values,
            List<String> federatesWith,
            String hint,
            long revision,
            long createdAt,
            boolean uniqueTokens,
            boolean privileged) {}

    private record Key(String id, String der) {}

    /** Not as a SPIFFE bundle document, which has no words for certificates of every type of key. */
    private record Bundle(String certificates, List<Key> keys, long sequenceNumber, long refreshSeconds) {}

    private record Document(
            String trustDomain, List<Entry> entries, Map<String, Held> svids, Map<String, Bundle> bundles) {}

    private SnapshotDocument() {}

    static byte[] of(Snapshot snapshot) {
        var entries = snapshot.entries().values().stream()
                .map(SnapshotDocument::entry)
                .toList();
        var svids = new HashMap<String, Held>();
        snapshot.svids()
                .forEach((id, issued) -> svids.put(
                        id,
                        new Held(
                                base64(Der.encodeCertificates(issued.svid().chain())),
                                base64(issued.svid().privateKey().getEncoded()),
                                issued.edition().revision(),
                                issued.edition().createdAt().getEpochSecond())));
        var bundles = new HashMap<String, Bundle>();
        snapshot.bundles().forEach((domain, bundle) -> bundles.put(domain.name(), bundle(bundle)));
        return JSON.toJson(new Document(snapshot.trustDomain().name(), entries, svids, bundles))
                .getBytes(StandardCharsets.UTF_8);
    }

    private static Bundle bundle(TrustBundle bundle) {
        var keys = bundle.jwtAuthorities().stream()
                .map(key -> new Key(key.keyId(), base64(key.publicKey().getEncoded())))
                .toList();
        return new Bundle(
                base64(Der.encodeCertificates(bundle.x509Authorities())),
                keys,
                bundle.sequenceNumber(),
                bundle.refreshHint().map(Duration::toSeconds).orElse(0L));
    }

    private static Entry entry(RegistrationEntry entry) {
        var types = new ArrayList<String>();
        var values = new ArrayList<String>();
        entry.selectors().forEach(selector -> {
            types.add(selector.type());
            values.add(selector.value());
        });
        return new Entry(
                entry.id(),
                entry.spiffeId().toString(),
                types,
                values,
                entry.federatesWith().stream().map(TrustDomain::name).toList(),
                entry.hint(),
                entry.revision(),
                entry.createdAt().getEpochSecond(),
                entry.uniqueTokens(),
                entry.privileged());
    }

    /**
     * @param now certificates that have ended by then are left out, the others are due at once
     * @throws IllegalArgumentException if it is none
     */
    static Snapshot parse(byte[] text, Instant now) {
        try {
            var document = JSON.fromJson(new String(text, StandardCharsets.UTF_8), Document.class);
            var entries = new HashMap<String, RegistrationEntry>();
            document.entries().forEach(entry -> entries.put(entry.id(), entry(entry)));
            var svids = new HashMap<String, IssuedSvid>();
            document.svids().forEach((id, held) -> {
                var svid = svid(held);
                if (now.isBefore(svid.expiresAt())) {
                    var edition = new Edition(held.revision(), Instant.ofEpochSecond(held.createdAt()));
                    svids.put(id, new IssuedSvid(svid, edition, now));
                }
            });
            var bundles = new HashMap<TrustDomain, TrustBundle>();
            document.bundles().forEach((name, bundle) -> {
                var domain = new TrustDomain(name);
                bundles.put(domain, bundle(domain, bundle));
            });
            return new Snapshot(0, new TrustDomain(document.trustDomain()), entries, svids, bundles);
        } catch (JsonParseException e) {
            throw new IllegalArgumentException("it is no json", e);
        }
    }

    private static X509Svid svid(Held held) {
        return X509Svid.parseRaw(bytes(held.chain()), bytes(held.key()));
    }

    private static TrustBundle bundle(TrustDomain domain, Bundle bundle) {
        var keys = bundle.keys().stream()
                .map(key -> JwtAuthority.parse(key.id(), bytes(key.der())))
                .toList();
        var refreshHint = Optional.of(bundle.refreshSeconds())
                .filter(seconds -> seconds > 0)
                .map(Duration::ofSeconds);
        return new TrustBundle(
                domain,
                Der.parseCertificates(bytes(bundle.certificates())),
                keys,
                bundle.sequenceNumber(),
                refreshHint);
    }

    private static RegistrationEntry entry(Entry entry) {
        var selectors = new ArrayList<Selector>();
        for (int i = 0; i < entry.types().size(); i++) {
            selectors.add(new Selector(entry.types().get(i), entry.values().get(i)));
        }
        return new RegistrationEntry(
                entry.id(),
                SpiffeId.parse(entry.spiffeId()),
                Set.copyOf(selectors),
                entry.federatesWith().stream().map(TrustDomain::new).collect(Collectors.toSet()),
                entry.hint(),
                entry.revision(),
                Instant.ofEpochSecond(entry.createdAt()),
                entry.uniqueTokens(),
                entry.privileged());
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    private static byte[] bytes(String base64) {
        return Base64.getDecoder().decode(base64);
    }
}
