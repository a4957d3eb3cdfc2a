// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.attest.kubernetes;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsExchange;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import io.countersign.agent.TestDomain;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.TrustManagerFactory;

/** Answers in the form of a kubelet: what it says is written by hand, how it is asked is real. */
final class TestKubelet implements AutoCloseable {
    final AtomicInteger asked = new AtomicInteger();
    private final HttpServer server;
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile String pods = "{\"kind\":\"PodList\",\"items\":[]}";
    private volatile Optional<String> token = Optional.empty();
    private volatile boolean wantsCertificate;
    private volatile boolean hangs;

    private TestKubelet(HttpServer server) {
        this.server = server;
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/pods", this::answer);
        server.start();
    }

    private static InetSocketAddress anyPort() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }

    /** The read-only port. */
    static TestKubelet plain() throws IOException {
        return new TestKubelet(HttpServer.create(anyPort(), 0));
    }

    /** The secure port, for clients of that domain. */
    static TestKubelet secure(TestDomain domain, String name) throws IOException, GeneralSecurityException {
        var identity = domain.issueFor(name);
        var keys = KeyStore.getInstance("PKCS12");
        keys.load(null, null);
        keys.setKeyEntry(
                "kubelet", identity.privateKey(), new char[0], identity.chain().toArray(Certificate[]::new));
        keys.setCertificateEntry("ca", domain.bundle().x509Authorities().getFirst());
        var managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(keys, new char[0]);
        var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(keys);
        var context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), trust.getTrustManagers(), null);
        var server = HttpsServer.create(anyPort(), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(context) {
            @Override
            public void configure(HttpsParameters parameters) {
                var wants = context.getDefaultSSLParameters();
                wants.setWantClientAuth(true);
                parameters.setSSLParameters(wants);
            }
        });
        return new TestKubelet(server);
    }

    int port() {
        return server.getAddress().getPort();
    }

    TestKubelet saying(String answer) {
        pods = answer;
        return this;
    }

    void wantToken(String secret) {
        token = Optional.of("Bearer " + secret);
    }

    void wantCertificate() {
        wantsCertificate = true;
    }

    void hang() {
        hangs = true;
    }

    private void answer(HttpExchange exchange) throws IOException {
        asked.incrementAndGet();
        if (hangs) {
            try {
                closed.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            exchange.close();
            return;
        }
        boolean known = token.isEmpty()
                || token.equals(Optional.ofNullable(exchange.getRequestHeaders().getFirst("Authorization")));
        var body = (known && (!wantsCertificate || showsCertificate(exchange)) ? pods : "Unauthorized")
                .getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(body.length == "Unauthorized".length() ? 401 : 200, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    private static boolean showsCertificate(HttpExchange exchange) {
        try {
            return exchange instanceof HttpsExchange secure
                    && secure.getSSLSession().getPeerCertificates().length > 0;
        } catch (SSLPeerUnverifiedException e) {
            return false;
        }
    }

    @Override
    public void close() {
        closed.countDown();
        server.stop(0);
    }
}
