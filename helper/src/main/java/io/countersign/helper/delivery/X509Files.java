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
                case X509File.Chain chain -> contents.add(text(chain, certificates(svid, now)));
                case X509File.Key key -> contents.add(text(key, Pem.privateKey(svid.privateKey())));
                case X509File.Bundle bundle ->
                    contents.add(text(bundle, pem(authorities(svid, context), now, "authority")));
                case X509File.Combined combined ->
                    contents.add(text(combined, Pem.privateKey(svid.privateKey()) + certificates(svid, now)));
                case X509File.Pkcs12 store ->
                    contents.add(FileContent.of(
                            store.path(), new KeyStoreFile(store).encode(svid, own(svid, context)), store.mode()));
                case X509File.BundleFolder folder ->
                    context.bundles().forEach((domain, bundle) -> contents.add(oneDomain(folder, domain, bundle)));
            }
        }
        return contents;
    }

    private static FileContent text(X509File file, String text) {
        return FileContent.of(file.path(), text, file.mode());
    }

    private static FileContent oneDomain(X509File.BundleFolder folder, TrustDomain domain, TrustBundle bundle) {
        return FileContent.of(
                folder.path().resolve(domain.name() + ".pem"),
                Pem.certificates(bundle.x509Authorities()),
                folder.mode());
    }

    private String certificates(X509Svid svid, Instant now) throws DeliveryException {
        var chain = svid.chain();
        return pem(rules.intermediatesInBundle() ? chain.subList(0, 1) : chain, now, "certificate");
    }

    private static List<X509Certificate> own(X509Svid svid, X509Context context) throws DeliveryException {
        var home = svid.id().trustDomain();
        return List.copyOf(context.bundle(home)
                .orElseThrow(() -> new DeliveryException("no bundle of trust domain " + home + " came with the SVID"))
                .x509Authorities());
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
