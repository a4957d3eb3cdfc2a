// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.kubernetes;

import io.countersign.server.files.PemKey;
import io.countersign.spiffe.x509.Pem;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * Where an API server is, whom it is believed to be, and who we are to it.
 *
 * @param authorities none for those that this Java trusts
 * @param token sent with each request, if there is one
 * @param certificate shown in the handshake, if there is one
 */
record ApiAccess(
        URI server,
        List<X509Certificate> authorities,
        Optional<String> token,
        Optional<ClientCertificate> certificate) {
    private static final Path ACCOUNT = Path.of("/var/run/secrets/kubernetes.io/serviceaccount");

    ApiAccess {
        authorities = List.copyOf(authorities);
    }

    record ClientCertificate(List<X509Certificate> chain, PrivateKey key) {
        ClientCertificate {
            chain = List.copyOf(chain);
        }

        /** @throws IOException if it is no certificate or no key */
        static ClientCertificate of(byte[] chain, byte[] key) throws IOException {
            return new ClientCertificate(
                    Pem.parseCertificates(chain), PemKey.parse(new String(key, StandardCharsets.UTF_8)));
        }
    }

    /** What a pod finds out about the cluster that it runs in; kubelet renews the files. */
    static ApiAccess inCluster() throws IOException {
        return inCluster(System.getenv(), ACCOUNT);
    }

    static ApiAccess inCluster(Map<String, String> environment, Path account) throws IOException {
        var host = environment.getOrDefault("KUBERNETES_SERVICE_HOST", "");
        var port = environment.getOrDefault("KUBERNETES_SERVICE_PORT", "");
        if (host.isEmpty() || port.isEmpty()) {
            throw new IOException("KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set, as in a pod;"
                    + " expected them or a kube_config_file");
        }
        var literal = host.contains(":") ? "[" + host + "]" : host;
        try {
            return new ApiAccess(
                    URI.create("https://" + literal + ":" + port),
                    Pem.parseCertificates(Files.readAllBytes(account.resolve("ca.crt"))),
                    Optional.of(Files.readString(account.resolve("token")).strip()),
                    Optional.empty());
        } catch (IllegalArgumentException e) {
            throw new IOException("what is in " + account + " cannot be used: " + e.getMessage(), e);
        }
    }

    SSLContext tls() throws IOException {
        try {
            var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(authorities.isEmpty() ? null : trusted());
            var context = SSLContext.getInstance("TLS");
            context.init(shown(), trust.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IOException("the certificates for " + server + " cannot be used: " + e.getMessage(), e);
        }
    }

    private KeyStore trusted() throws IOException, GeneralSecurityException {
        var store = empty();
        for (int i = 0; i < authorities.size(); i++) {
            store.setCertificateEntry("authority-" + i, authorities.get(i));
        }
        return store;
    }

    private KeyManager[] shown() throws IOException, GeneralSecurityException {
        var password = new char[0];
        var store = empty();
        if (certificate.isPresent()) {
            var own = certificate.get();
            store.setKeyEntry("own", own.key(), password, own.chain().toArray(Certificate[]::new));
        }
        var factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(store, password);
        return factory.getKeyManagers();
    }

    private static KeyStore empty() throws IOException, GeneralSecurityException {
        var store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }

    /** Without what is secret. */
    @Override
    public String toString() {
        return server.toString();
    }
}
