// SPDX-License-Identifier: Apache-2.0
package io.countersign.helper.check;

import io.countersign.helper.config.Identity;
import io.countersign.helper.delivery.Choice;
import io.countersign.helper.delivery.DeliveryException;
import io.countersign.helper.delivery.KeyStoreFile;
import io.countersign.helper.delivery.X509File;
import io.countersign.spiffe.bundle.TrustBundle;
import io.countersign.spiffe.x509.Pem;
import io.countersign.spiffe.x509.X509Svid;
import io.countersign.spiffe.x509.X509SvidValidator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Whether the files of one identity are what their readers need, each and as a whole. For one use. */
final class IdentityCheck {
    private final Identity identity;
    private final Instant now;
    private final List<FileFinding> files = new ArrayList<>();
    private final List<String> problems = new ArrayList<>();
    /** A file for each SVID that was found in one, or in two. */
    private final List<Found> svids = new ArrayList<>();

    private final List<X509Certificate> authorities = new ArrayList<>();
    private final Map<String, List<X509Certificate>> byFile = new HashMap<>();
    private Optional<List<X509Certificate>> chain = Optional.empty();
    private Optional<PrivateKey> key = Optional.empty();

    private record Found(Path file, X509Svid svid) {}

    private interface Reading {
        void run() throws IOException, GeneralSecurityException, DeliveryException;
    }

    IdentityCheck(Identity identity, Instant now) {
        this.identity = identity;
        this.now = now;
    }

    Finding run() {
        identity.files().files().forEach(this::look);
        pair();
        var newest = svids.stream().findFirst().map(Found::svid);
        newest.ifPresent(this::judge);
        for (var other : svids) {
            if (!other.svid().leaf().equals(newest.orElseThrow().leaf())) {
                problems.add("%s holds another certificate than %s"
                        .formatted(other.file(), svids.getFirst().file()));
            }
        }
        var leaf = newest.map(X509Svid::leaf).or(() -> chain.map(List::getFirst));
        return new Finding(
                "identity in " + identity.name(),
                newest.map(svid -> svid.id().toString()),
                leaf.map(each -> each.getSerialNumber().toString(16)),
                leaf.map(each -> each.getNotAfter().toInstant()),
                files,
                problems);
    }

    private void look(X509File file) {
        switch (file) {
            case X509File.Chain one -> look("certificate", one, () -> chain = Optional.of(certificates(one.path())));
            case X509File.Key one ->
                look("private key", one, () -> key = Optional.of(Pem.parsePrivateKey(Files.readAllBytes(one.path()))));
            case X509File.Bundle one -> look("bundle", one, () -> authorities.addAll(certificates(one.path())));
            case X509File.Combined one ->
                look("key and chain", one, () -> {
                    var bytes = Files.readAllBytes(one.path());
                    svids.add(new Found(one.path(), X509Svid.parse(bytes, bytes)));
                });
            case X509File.Pkcs12 one -> look("key store", one, () -> open(one));
            case X509File.BundleFolder one -> look("bundle folder", one, () -> lookInto(one));
        }
    }

    private void look(String what, X509File file, Reading reading) {
        var found =
                FileFinding.of(what, file.path(), file.mode(), identity.files().ownership());
        if (found.isThere()) {
            try {
                reading.run();
            } catch (IOException | GeneralSecurityException | DeliveryException | IllegalArgumentException e) {
                found = found.with("cannot be read: " + e.getMessage());
            }
        }
        files.add(found);
    }

    private static List<X509Certificate> certificates(Path file) throws IOException {
        return Pem.parseCertificates(Files.readAllBytes(file));
    }

    private void open(X509File.Pkcs12 file) throws GeneralSecurityException, DeliveryException {
        var content = new KeyStoreFile(file);
        var store = content.open();
        var password = content.password();
        try {
            var certificates = store.getCertificateChain(file.alias());
            if (certificates == null || !(store.getKey(file.alias(), password) instanceof PrivateKey inside)) {
                throw new DeliveryException("it has no key with the alias \"" + file.alias() + "\"");
            }
            var all =
                    Arrays.stream(certificates).map(X509Certificate.class::cast).toList();
            svids.add(new Found(file.path(), new X509Svid(X509SvidValidator.idOf(all.getFirst()), all, inside, "")));
            for (var alias : Collections.list(store.aliases())) {
                if (store.isCertificateEntry(alias)) {
                    authorities.add((X509Certificate) store.getCertificate(alias));
                }
            }
        } finally {
            Arrays.fill(password, ' ');
        }
    }

    private void lookInto(X509File.BundleFolder folder) throws IOException {
        try (var inside = Files.list(folder.path())) {
            for (var file : inside.sorted().toList()) {
                var found = FileFinding.of(
                        "bundle", file, folder.mode(), identity.files().ownership());
                try {
                    byFile.put(String.valueOf(file.getFileName()), certificates(file));
                } catch (IllegalArgumentException e) {
                    found = found.with("cannot be read: " + e.getMessage());
                }
                files.add(found);
            }
        }
    }

    /** Certificate and key of two files. */
    private void pair() {
        if (chain.isPresent() && key.isPresent()) {
            try {
                var id = X509SvidValidator.idOf(chain.get().getFirst());
                var file = identity.files().certificateFile().orElseThrow();
                svids.addFirst(new Found(file, new X509Svid(id, chain.get(), key.get(), "")));
            } catch (IllegalArgumentException e) {
                problems.add(String.valueOf(e.getMessage()));
            }
        }
    }

    private void judge(X509Svid svid) {
        if (identity.files().choice() instanceof Choice.ById(var named) && !named.equals(svid.id())) {
            problems.add("the SPIFFE ID is %s, expected %s".formatted(svid.id(), named));
        }
        var domain = svid.id().trustDomain();
        var trusted = authorities.isEmpty() ? byFile.getOrDefault(domain.name() + ".pem", List.of()) : authorities;
        if (!trusted.isEmpty()) {
            try {
                var home = TrustBundle.ofX509(domain, trusted);
                X509SvidValidator.verify(svid.chain(), home, now);
            } catch (IllegalArgumentException e) {
                problems.add(String.valueOf(e.getMessage()));
            }
        } else if (svid.expiresAt().isBefore(now)) {
            problems.add("the certificate has ended at " + svid.expiresAt());
        }
        var wanted = identity.minValidity();
        if (wanted.isPresent()
                && svid.expiresAt().isBefore(now.plus(wanted.get()))
                && !svid.expiresAt().isBefore(now)) {
            problems.add("the certificate ends at %s, expected it to be valid for %s more"
                    .formatted(svid.expiresAt(), wanted.get()));
        }
    }
}
