// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.upstream;

import io.countersign.ca.key.Signing;
import io.countersign.ca.x509.CaRequest;
import io.countersign.ca.x509.X509Authority;
import io.countersign.ca.x509.X509Issuer;
import io.countersign.datastore.authority.TrustedAuthority;
import io.countersign.launch.FileFailure;
import io.countersign.server.config.UpstreamSettings;
import io.countersign.server.files.PemKey;
import io.countersign.server.wire.Trusted;
import io.countersign.spiffe.x509.Pem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Date;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An authority in files, as SPIRE's {@code UpstreamAuthority "disk"}. They are read again for each certificate; files that
 * are of no use then leave the last good ones in use.
 */
public final class DiskUpstream implements UpstreamAuthority {
    private static final Logger log = LoggerFactory.getLogger(DiskUpstream.class);

    private final UpstreamSettings.Disk files;
    private final InstantSource clock;
    private Loaded loaded;

    private record Loaded(X509Issuer issuer, List<X509Certificate> roots) {}

    /** @throws IOException if a file cannot be read, or they do not belong together */
    public DiskUpstream(UpstreamSettings.Disk files, InstantSource clock) throws IOException {
        this.files = files;
        this.clock = clock;
        this.loaded = load();
    }

    @Override
    public synchronized Signed sign(CaRequest request, Duration ttl) throws IOException {
        try {
            loaded = load();
        } catch (IOException e) {
            log.atWarn()
                    .addKeyValue("reason", e.getMessage())
                    .log("the upstream authority's last good files stay in use");
        }
        try {
            return new Signed(
                    loaded.issuer().issueAuthority(request, ttl, clock.instant()),
                    loaded.roots().stream()
                            .map(root -> Trusted.root(root, false))
                            .toList());
        } catch (IllegalArgumentException e) {
            throw new IOException(
                    "the upstream authority of " + files.certificate() + " cannot sign: " + e.getMessage(), e);
        }
    }

    private Loaded load() throws IOException {
        var chain = certificates(files.certificate());
        var own = chain.getFirst();
        var roots = files.bundle().isPresent() ? certificates(files.bundle().get()) : chain;
        if (files.bundle().isEmpty() && chain.size() != 1) {
            throw new IOException(files.certificate() + " holds " + chain.size()
                    + " certificates, expected a single self-signed one where there is no bundle_file_path");
        }
        var key = read(files.key(), () -> PemKey.parse(Files.readString(files.key())));
        if (!Signing.isPair(own.getPublicKey(), key)) {
            throw new IOException(
                    "the key of " + files.key() + " is not that of the certificate in " + files.certificate());
        }
        var belowRoots = chain.stream()
                .filter(certificate -> !roots.contains(certificate))
                .toList();
        requirePath(belowRoots, roots);
        return new Loaded(new X509Issuer(new X509Authority(own, belowRoots, key)), roots);
    }

    private static List<X509Certificate> certificates(Path file) throws IOException {
        return read(file, () -> Pem.parseCertificates(Files.readAllBytes(file)));
    }

    private interface Reading<T> {
        T read() throws IOException;
    }

    private static <T> T read(Path file, Reading<T> reading) throws IOException {
        try {
            return reading.read();
        } catch (NoSuchFileException e) {
            throw new IOException("the upstream authority's file " + file + " is not there", e);
        } catch (IOException e) {
            throw new IOException(
                    "the upstream authority's file " + file + " cannot be read: " + FileFailure.words(e), e);
        } catch (IllegalArgumentException e) {
            throw new IOException("the upstream authority's file " + file + " is of no use: " + e.getMessage(), e);
        }
    }

    private void requirePath(List<X509Certificate> chain, List<X509Certificate> roots) throws IOException {
        if (chain.isEmpty()) {
            return;
        }
        try {
            Set<TrustAnchor> anchors = new HashSet<>();
            roots.forEach(root -> anchors.add(new TrustAnchor(root, null)));
            var parameters = new PKIXParameters(anchors);
            parameters.setRevocationEnabled(false);
            parameters.setDate(Date.from(clock.instant()));
            var path = CertificateFactory.getInstance("X.509").generateCertPath(chain);
            CertPathValidator.getInstance("PKIX").validate(path, parameters);
        } catch (GeneralSecurityException e) {
            throw new IOException(
                    files.certificate() + " does not lead to a certificate of "
                            + files.bundle().orElse(files.certificate()) + ": " + e.getMessage(),
                    e);
        }
    }

    /** Files take no keys: the servers below such an authority share no tokens. */
    @Override
    public Optional<List<TrustedAuthority>> publish(TrustedAuthority key) {
        return Optional.empty();
    }

    @Override
    public Optional<List<TrustedAuthority>> bundle() {
        return Optional.empty();
    }

    /** Nothing is open. */
    @Override
    public void close() {}
}
