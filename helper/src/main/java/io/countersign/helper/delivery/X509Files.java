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
import java.util.Optional;
import java.util.TreeMap;

/**
 * The files of one X.509 identity.
 *
 * @param files in the order in which they are written, at least one
 */
public record X509Files(Choice choice, List<X509File> files, Rules rules, Layout layout, Ownership ownership) {
    /**
     * Which certificate goes where.
     *
     * @param intermediatesInBundle whether intermediates stand in the bundle file and not after the leaf
     * @param federated whether the authorities of other trust domains follow the own ones
     * @param omitExpired whether certificates that have ended are left out
     */
    public record Rules(boolean intermediatesInBundle, boolean federated, boolean omitExpired) {}

    /** @throws IllegalArgumentException if there is no file */
    public X509Files {
        files = List.copyOf(files);
        if (files.isEmpty()) {
            throw new IllegalArgumentException("no file for an identity, expected at least one");
        }
    }

    /** The identity that these files are for. */
    public X509Svid choose(X509Context context) throws DeliveryException {
        return choice.of(context);
    }

    /** A file that says in plain text when the certificate ends, if there is one. */
    public Optional<Path> certificateFile() {
        return files.stream()
                .filter(file -> file instanceof X509File.Chain || file instanceof X509File.Combined)
                .map(X509File::path)
                .findFirst();
    }

    /** Replaces what is there. */
    public void write(X509Context context, Instant now) throws DeliveryException {
        layout.write(contents(context, now), ownership);
    }

    /** In the order of the files. */
    public List<FileContent> contents(X509Context context, Instant now) throws DeliveryException {
        var svid = choose(context);
        var contents = new ArrayList<FileContent>();
        for (var file : files) {
            switch (file) {
                case X509File.Chain chain -> contents.add(text(chain, Pem.certificates(chain(svid, now))));
                case X509File.Key key -> contents.add(text(key, Pem.privateKey(svid.privateKey())));
                case X509File.Bundle bundle ->
                    contents.add(text(bundle, Pem.certificates(some(authorities(svid, context), now, "authority"))));
                case X509File.Combined combined ->
                    contents.add(text(
                            combined, Pem.privateKey(svid.privateKey()) + Pem.certificates(chainBesideKey(svid, now))));
                case X509File.Pkcs12 store -> contents.add(store(store, svid, context, now));
                case X509File.BundleFolder folder -> contents.addAll(byDomain(folder, svid, context, now));
            }
        }
        return contents;
    }

    private static FileContent text(X509File file, String text) {
        return FileContent.of(file.path(), text, file.mode());
    }

    private List<X509Certificate> chain(X509Svid svid, Instant now) throws DeliveryException {
        var chain = svid.chain();
        return some(rules.intermediatesInBundle() ? chain.subList(0, 1) : chain, now, "certificate");
    }

    /** All of it, since there may be no bundle beside this file that has the intermediates. */
    private List<X509Certificate> chainBesideKey(X509Svid svid, Instant now) throws DeliveryException {
        var kept = kept(svid.chain(), now);
        if (!kept.contains(svid.leaf())) {
            throw new DeliveryException("the certificate has expired and omit_expired is set;"
                    + " a key without its certificate would be of no use");
        }
        return kept;
    }

    private FileContent store(X509File.Pkcs12 store, X509Svid svid, X509Context context, Instant now)
            throws DeliveryException {
        var authorities = some(own(svid, context), now, "authority");
        return FileContent.of(
                store.path(),
                new KeyStoreFile(store).encode(svid.privateKey(), chainBesideKey(svid, now), authorities),
                store.mode());
    }

    /** Of another trust domain that has no authority left there is no file; all the others are of use without it. */
    private List<FileContent> byDomain(X509File.BundleFolder folder, X509Svid svid, X509Context context, Instant now)
            throws DeliveryException {
        var contents = new ArrayList<FileContent>();
        for (var bundle : context.bundles().values()) {
            var domain = bundle.trustDomain();
            var all = bundle.x509Authorities();
            var kept = domain.equals(svid.id().trustDomain()) ? some(all, now, "authority") : kept(all, now);
            if (!kept.isEmpty()) {
                contents.add(FileContent.of(
                        folder.path().resolve(domain.name() + ".pem"), Pem.certificates(kept), folder.mode()));
            }
        }
        return contents;
    }

    private static List<X509Certificate> own(X509Svid svid, X509Context context) throws DeliveryException {
        var home = svid.id().trustDomain();
        return context.bundle(home)
                .orElseThrow(() -> new DeliveryException("no bundle of trust domain " + home + " came with the SVID"))
                .x509Authorities();
    }

    private List<X509Certificate> authorities(X509Svid svid, X509Context context) throws DeliveryException {
        var trusted = new ArrayList<>(own(svid, context));
        if (rules.intermediatesInBundle()) {
            trusted.addAll(svid.chain().subList(1, svid.chain().size()));
        }
        if (rules.federated()) {
            var others = new TreeMap<TrustDomain, TrustBundle>(context.bundles());
            others.remove(svid.id().trustDomain());
            others.values().forEach(other -> trusted.addAll(other.x509Authorities()));
        }
        return trusted;
    }

    private List<X509Certificate> kept(List<X509Certificate> certificates, Instant now) {
        return certificates.stream()
                .filter(each ->
                        !rules.omitExpired() || each.getNotAfter().toInstant().isAfter(now))
                .toList();
    }

    private List<X509Certificate> some(List<X509Certificate> certificates, Instant now, String what)
            throws DeliveryException {
        var kept = kept(certificates, now);
        if (kept.isEmpty()) {
            throw new DeliveryException(
                    "every %s has expired and omit_expired is set; an empty file would be of no use".formatted(what));
        }
        return kept;
    }
}
