// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.federation;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.countersign.ca.key.KeyType;
import io.countersign.ca.x509.CaSubject;
import io.countersign.ca.x509.SvidTemplate;
import io.countersign.ca.x509.X509Authority;
import io.countersign.ca.x509.X509Issuer;
import io.countersign.spiffe.SpiffeId;
import io.countersign.spiffe.TrustDomain;
import io.countersign.spiffe.bundle.TrustBundle;
import io.countersign.spiffe.x509.X509Svid;
import io.countersign.workloadapi.tls.FreshSslContext;
import io.countersign.workloadapi.tls.SpiffeTls;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;

/** Somebody else's bundle endpoint, with a certificate for localhost that is an X509-SVID as well. */
final class TestEndpoint implements AutoCloseable {
    static final TrustDomain DOMAIN = new TrustDomain("other.test");

    final X509Authority authority = X509Authority.selfSigned(
            DOMAIN, CaSubject.STANDARD, KeyType.EC_P256.generate(), Instant.now(), Duration.ofDays(1));
    private final HttpsServer server;

    TestEndpoint(String path, HttpHandler handler) throws IOException {
        var keys = KeyType.EC_P256.generate();
        var id = SpiffeId.of(DOMAIN, path);
        var leaf = new X509Issuer(authority)
                .issue(
                        new SvidTemplate(
                                id, keys.getPublic(), Duration.ofHours(1), List.of("localhost"), Optional.empty()),
                        Instant.now());
        var svid = new X509Svid(id, List.of(leaf), keys.getPrivate(), "");
        server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(
                FreshSslContext.of(new SpiffeTls(() -> svid, domain -> Optional.empty(), any -> false))));
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", handler);
        server.start();
    }

    TrustBundle bundle() {
        return TrustBundle.ofX509(DOMAIN, List.of(authority.certificate()));
    }

    String url(String host, String path) {
        return "https://" + host + ":" + server.getAddress().getPort() + path;
    }

    static void answer(HttpExchange exchange, int status, String text) throws IOException {
        try (exchange) {
            var body = text.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
            exchange.getResponseBody().write(body);
        }
    }

    static void redirect(HttpExchange exchange, int status, String location) throws IOException {
        exchange.getResponseHeaders().set("Location", location);
        answer(exchange, status, "");
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
