// SPDX-License-Identifier: Apache-2.0
package io.countersign.helper.delivery;

import io.countersign.spiffe.TrustDomain;
import io.countersign.spiffe.bundle.TrustBundle;
import io.countersign.spiffe.x509.Pem;
import io.countersign.spiffe.x509.X509Svid;
import io.countersign.workloadapi.X509Context;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/**
 * The three PEM files of an X.509 identity: the certificate chain, its PKCS#8 key, and whom to trust.
 *
 * @param hint which of several identities; empty for the default one
 */
public record X509Files(
        Path svid, Path key, Path bundle, FileMode certificateMode, FileMode keyMode, String hint, Rules rules) {
    /**
     * Which certificate goes where.
     *
     * @param intermediatesInBundle whether intermediates stand in the bundle file and not after the leaf
     * @param federated whether the authorities of other trust domains follow the own ones
     * @param omitExpired whether certificates that have ended are left out
     */
    public record Rules(boolean intermediatesInBundle, boolean federated, boolean omitExpired) {}

    /** The identity that these files are for. */
    public X509Svid choose(X509Context context) throws DeliveryException {
        if (hint.isEmpty()) {
            return context.defaultSvid();
        }
        return context.svidWithHint(hint)
                .orElseThrow(() -> new DeliveryException(
                        "none of the %d X.509-SVIDs has the hint \"%s\"; set that hint on an entry or change hint"
                                .formatted(context.svids().size(), hint)));
    }

    /** The key before the certificate, so that who is woken by a new certificate finds its key. */
    public List<FileContent> contents(X509Context context, Instant now) throws DeliveryException {
        var identity = choose(context);
        var chain = identity.chain();
        var own = rules.intermediatesInBundle() ? chain.subList(0, 1) : chain;
        return List.of(
                new FileContent(bundle, pem(authorities(identity, context), now, "authority"), certificateMode),
                new FileContent(key, Pem.privateKey(identity.privateKey()), keyMode),
                new FileContent(svid, pem(own, now, "certificate"), certificateMode));
    }

    private List<X509Certificate> authorities(X509Svid identity, X509Context context) throws DeliveryException {
        var home = identity.id().trustDomain();
        var trusted = new ArrayList<>(context.bundle(home)
                .orElseThrow(() -> new DeliveryException("no bundle of trust domain " + home + " came with the SVID"))
                .x509Authorities());
        if (rules.intermediatesInBundle()) {
            trusted.addAll(identity.chain().subList(1, identity.chain().size()));
        }
        if (rules.federated()) {
            var others = new TreeMap<TrustDomain, TrustBundle>(context.bundles());
            others.remove(home);
            others.values().forEach(other -> trusted.addAll(other.x509Authorities()));
        }
        return trusted;
    }

    private String pem(List<X509Certificate> certificates, Instant now, String what) throws DeliveryException {
        var kept = certificates.stream()
                .filter(each ->
                        !rules.omitExpired() || each.getNotAfter().toInstant().isAfter(now))
                .toList();
        if (kept.isEmpty()) {
            throw new DeliveryException(
                    "every %s has expired and omit_expired is set; an empty file would be of no use".formatted(what));
        }
        return Pem.certificates(kept);
    }
}
