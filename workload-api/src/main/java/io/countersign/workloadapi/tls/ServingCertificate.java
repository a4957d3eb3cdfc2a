// SPDX-License-Identifier: Apache-2.0
package io.countersign.workloadapi.tls;

import io.countersign.rpc.TlsIdentity;
import io.countersign.spiffe.x509.Pem;
import io.countersign.spiffe.x509.X509SvidException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Optional;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A web server's certificate and key from files, looked at again after a while; the last good ones stay while the files
 * are broken. No client is asked for a certificate, and none would be trusted. Thread-safe.
 */
public final class ServingCertificate implements TlsIdentity {
    private static final Logger log = LoggerFactory.getLogger(ServingCertificate.class);
    private static final String ALIAS = "serving";

    private final Path certificates;
    private final Path key;
    private final Duration sync;
    private final InstantSource clock;
    private X509ExtendedKeyManager latest;
    private Instant lookAgain;

    /**
     * @param certificates the server's own first, PEM
     * @param key PEM, PKCS#8
     * @param sync how often the files are looked at
     * @throws IOException if the files cannot be used
     */
    public ServingCertificate(Path certificates, Path key, Duration sync, InstantSource clock) throws IOException {
        this.certificates = certificates;
        this.key = key;
        this.sync = sync;
        this.clock = clock;
        this.latest = read();
        this.lookAgain = clock.instant().plus(sync);
    }

    @Override
    public synchronized X509ExtendedKeyManager keyManager() {
        var now = clock.instant();
        if (!now.isBefore(lookAgain)) {
            lookAgain = now.plus(sync);
            try {
                latest = read();
            } catch (IOException e) {
                log.atError().addKeyValue("reason", e.getMessage()).log("the former serving certificate stays");
            }
        }
        return latest;
    }

    @Override
    public X509ExtendedTrustManager trustManager() {
        return new SpiffeTrustManager(domain -> Optional.empty(), id -> false);
    }

    private X509ExtendedKeyManager read() throws IOException {
        try {
            var chain = Pem.parseCertificates(Files.readAllBytes(certificates));
            var privateKey = Pem.parsePrivateKey(Files.readAllBytes(key));
            var store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setKeyEntry(ALIAS, privateKey, new char[0], chain.toArray(X509Certificate[]::new));
            var factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            factory.init(store, new char[0]);
            return Arrays.stream(factory.getKeyManagers())
                    .filter(X509ExtendedKeyManager.class::isInstance)
                    .map(X509ExtendedKeyManager.class::cast)
                    .findFirst()
                    .orElseThrow(() -> new IllegalStateException("this Java has no key manager for certificates"));
        } catch (X509SvidException | GeneralSecurityException e) {
            throw new IOException(
                    "serving_cert_file " + certificates + " with " + key + " cannot be used: " + e.getMessage(), e);
        }
    }
}
