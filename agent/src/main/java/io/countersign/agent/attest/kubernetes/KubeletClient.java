// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.attest.kubernetes;

import io.countersign.agent.config.KubernetesConfig.Access;
import io.countersign.agent.config.KubernetesConfig.Kubelet;
import io.countersign.agent.config.KubernetesConfig.Login;
import io.countersign.agent.node.PemKey;
import io.countersign.spiffe.x509.Pem;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

/** Asks the kubelet of this node, with what its files say at the time when it is made. Close it. */
final class KubeletClient implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final int LARGEST_ANSWER = 64 << 20;
    private static final int OK = 200;
    private static final int SHOWN = 200;

    private final HttpClient client;
    private final HttpRequest pods;

    /** @throws IOException if one of the files cannot be used */
    KubeletClient(Kubelet kubelet) throws IOException {
        var builder = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .proxy(HttpClient.Builder.NO_PROXY)
                .connectTimeout(PATIENCE);
        var host = "127.0.0.1";
        var scheme = "http";
        Optional<String> token = Optional.empty();
        if (kubelet.access() instanceof Access.Tls tls) {
            builder.sslContext(context(tls));
            host = tls.node().orElse(host);
            scheme = "https";
            token = token(tls.login());
        }
        try {
            // a node may be known by an address of version 6
            var literal = host.contains(":") ? "[" + host + "]" : host;
            var request = HttpRequest.newBuilder(URI.create(scheme + "://" + literal + ":" + kubelet.port() + "/pods"));
            token.ifPresent(secret -> request.header("Authorization", "Bearer " + secret));
            pods = request.build();
        } catch (IllegalArgumentException e) {
            throw new IOException("a kubelet cannot be asked at \"" + host + "\", expected a host name", e);
        }
        client = builder.build();
    }

    /**
     * The list of this node's pods, as JSON.
     *
     * @throws IOException if there is no whole answer within 10 s, or one with another status than 200
     */
    String pods() throws IOException, InterruptedException {
        var asked = client.sendAsync(pods, BodyHandlers.limiting(BodyHandlers.ofByteArray(), LARGEST_ANSWER));
        try {
            var answer = asked.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            var text = new String(answer.body(), StandardCharsets.UTF_8);
            if (answer.statusCode() != OK) {
                throw new IOException("unexpected status code on pods response: " + answer.statusCode() + " "
                        + text.substring(0, Math.min(SHOWN, text.length())).strip());
            }
            return text;
        } catch (ExecutionException e) {
            throw new IOException("the kubelet at " + pods.uri() + " cannot be asked: " + e.getCause(), e);
        } catch (TimeoutException e) {
            asked.cancel(true);
            throw new IOException("the kubelet at " + pods.uri() + " gave no whole answer in " + PATIENCE, e);
        }
    }

    @Override
    public void close() {
        client.shutdownNow();
    }

    private static Optional<String> token(Login login) throws IOException {
        return switch (login) {
            case Login.Token(Path file) -> Optional.of(read("the token", file).strip());
            case Login.Anonymous() -> Optional.empty();
            case Login.Certificate ignored -> Optional.empty();
        };
    }

    private static SSLContext context(Access.Tls tls) throws IOException {
        try {
            var context = SSLContext.getInstance("TLS");
            context.init(keys(tls.login()), trust(tls), null);
            return context;
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new IOException("no tls with the kubelet: " + e.getMessage(), e);
        }
    }

    private static KeyManager[] keys(Login login) throws IOException, GeneralSecurityException {
        if (!(login instanceof Login.Certificate(Path certificate, Path key))) {
            return new KeyManager[0];
        }
        var chain = Pem.parseCertificates(read("the client certificate", certificate));
        var store = empty();
        store.setKeyEntry(
                "agent", PemKey.parse(read("the client key", key)), new char[0], chain.toArray(Certificate[]::new));
        var factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(store, new char[0]);
        return factory.getKeyManagers();
    }

    private static TrustManager[] trust(Access.Tls tls) throws IOException, GeneralSecurityException {
        if (tls.authority().isEmpty()) {
            return new TrustManager[] {KubeletTrust.blind()};
        }
        var store = empty();
        int number = 0;
        for (var authority : Pem.parseCertificates(
                read("the kubelet's authority", tls.authority().get()))) {
            store.setCertificateEntry("authority " + number++, authority);
        }
        var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        var managers = factory.getTrustManagers();
        return tls.node().isEmpty() && managers[0] instanceof X509TrustManager chains
                ? new TrustManager[] {KubeletTrust.ofChains(chains)}
                : managers;
    }

    private static KeyStore empty() throws IOException, GeneralSecurityException {
        var store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }

    private static String read(String what, Path file) throws IOException {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new IOException(what + " cannot be read: " + e, e);
        }
    }
}
