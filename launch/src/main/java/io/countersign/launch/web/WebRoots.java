// SPDX-License-Identifier: Apache-2.0
package io.countersign.launch.web;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;

/**
 * The authorities by which web servers are known. As with programs in Go, and so with the original, these are the ones of
 * the machine and not of the language; the file is read for each use, because operators change it.
 *
 * @param file certificates as PEM; without it those that Java brings
 */
public record WebRoots(Optional<Path> file) {
    private static final List<Path> MACHINE = List.of(
            Path.of("/etc/ssl/certs/ca-certificates.crt"),
            Path.of("/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem"),
            Path.of("/etc/pki/tls/certs/ca-bundle.crt"),
            Path.of("/etc/ssl/ca-bundle.pem"),
            Path.of("/etc/ssl/cert.pem"));

    /** The file that SSL_CERT_FILE names, else the one of this machine. */
    public static WebRoots of(Map<String, String> environment) {
        var named = Optional.ofNullable(environment.get("SSL_CERT_FILE")).filter(name -> !name.isEmpty());
        return new WebRoots(named.map(Path::of)
                .or(() -> MACHINE.stream().filter(Files::isReadable).findFirst()));
    }

    /** @throws IOException if the file cannot be read */
    public TrustManager[] trustManagers() throws IOException, GeneralSecurityException {
        var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        if (file.isEmpty()) {
            factory.init((KeyStore) null);
            return factory.getTrustManagers();
        }
        var store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        try (var in = Files.newInputStream(file.get())) {
            var roots = CertificateFactory.getInstance("X.509").generateCertificates(in);
            if (roots.isEmpty()) {
                throw new CertificateException("no certificate is in it");
            }
            int number = 0;
            for (var root : roots) {
                store.setCertificateEntry("root-" + number++, root);
            }
        } catch (CertificateException e) {
            throw new IOException("the roots in " + file.get() + " cannot be read: " + e.getMessage(), e);
        }
        factory.init(store);
        return factory.getTrustManagers();
    }
}
