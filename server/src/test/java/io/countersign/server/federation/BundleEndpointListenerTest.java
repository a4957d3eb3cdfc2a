// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.federation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.ca.key.KeyType;
import io.countersign.ca.x509.CaSubject;
import io.countersign.ca.x509.SvidTemplate;
import io.countersign.ca.x509.X509Authority;
import io.countersign.ca.x509.X509Issuer;
import io.countersign.launch.web.WebRoots;
import io.countersign.server.TestConfig;
import io.countersign.server.TestServer;
import io.countersign.server.config.ServerConfig.Endpoint;
import io.countersign.server.config.ServerConfig.Federation;
import io.countersign.server.config.ServerConfig.Serving;
import io.countersign.spiffe.bundle.TrustBundle;
import io.countersign.spiffe.x509.Pem;
import io.countersign.workloadapi.tls.SpiffeTrustManager;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What others get from our bundle endpoint. */
@Timeout(60)
class BundleEndpointListenerTest {
    private static final Duration SYNC = Duration.ofMinutes(10);

    @TempDir
    Path folder;

    private final X509Authority web = X509Authority.selfSigned(
            TestEndpoint.DOMAIN, CaSubject.STANDARD, KeyType.EC_P256.generate(), Instant.now(), Duration.ofDays(1));
    private Optional<TestServer> server = Optional.empty();

    @AfterEach
    void close() {
        server.ifPresent(TestServer::close);
    }

    private TestServer start(Serving serving) throws IOException {
        var endpoint = new Endpoint(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), Duration.ofSeconds(77), serving);
        var started = TestServer.start(
                folder, config -> TestConfig.federation(config, new Federation(Optional.of(endpoint), Map.of())));
        server = Optional.of(started);
        return started;
    }

    private static HttpResponse<String> ask(
            TestServer server, String method, String path, TrustManager[] trust, SSLParameters parameters)
            throws Exception {
        var context = SSLContext.getInstance("TLS");
        context.init(null, trust, null);
        try (var client = HttpClient.newBuilder()
                .sslContext(context)
                .sslParameters(parameters)
                .build()) {
            var request = HttpRequest.newBuilder(URI.create("https://localhost:" + server.bundlePort() + path))
                    .header("Accept", "text/html")
                    .method(method, BodyPublishers.noBody())
                    .build();
            return client.send(request, BodyHandlers.ofString());
        }
    }

    private static HttpResponse<String> ask(TestServer server, String method, String path) throws Exception {
        var trust = new SpiffeTrustManager(server.bundle(), id -> id.path().equals("/spire/server"));
        return ask(server, method, path, new TrustManager[] {trust}, new SSLParameters());
    }

    @Test
    void theBundleIsGivenToWhoeverAsks() throws Exception {
        var server = start(new Serving.OwnSvid());

        var answer = ask(server, "GET", "/");

        assertEquals(200, answer.statusCode());
        assertEquals(
                "application/json", answer.headers().firstValue("Content-Type").orElse(""));
        var bundle = TrustBundle.parse(TestConfig.DOMAIN, answer.body().getBytes(StandardCharsets.UTF_8));
        assertEquals(server.bundle().x509Authorities(), bundle.x509Authorities());
        assertEquals(1, bundle.jwtAuthorities().size());
        assertEquals(server.published().getSequenceNumber(), bundle.sequenceNumber());
        assertEquals(Optional.of(Duration.ofSeconds(77)), bundle.refreshHint());
    }

    @Test
    void nothingElseIsServedThere() throws Exception {
        var server = start(new Serving.OwnSvid());

        assertEquals(404, ask(server, "GET", "/spire").statusCode());
        assertEquals(405, ask(server, "HEAD", "/").statusCode());
        var post = ask(server, "POST", "/");
        assertEquals(405, post.statusCode());
        assertEquals("405 method not allowed\n", post.body());
    }

    @Test
    void oldEncryptionIsRefused() throws Exception {
        var server = start(new Serving.OwnSvid());
        var trust = new TrustManager[] {new SpiffeTrustManager(server.bundle(), id -> true)};
        var old = new SSLParameters(new String[] {"TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256"}, new String[] {"TLSv1.2"});
        var good =
                new SSLParameters(new String[] {"TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"}, new String[] {"TLSv1.2"});

        assertThrows(SSLHandshakeException.class, () -> ask(server, "GET", "/", trust, old));
        assertEquals(200, ask(server, "GET", "/", trust, good).statusCode());
    }

    /** One that a browser would take, for that host. */
    private X509Certificate write(Serving.Files files, String host) throws IOException {
        var keys = KeyType.EC_P256.generate();
        var leaf = new X509Issuer(web)
                .issue(
                        new SvidTemplate(
                                TestConfig.id("/web"),
                                keys.getPublic(),
                                Duration.ofHours(1),
                                List.of(host),
                                Optional.empty()),
                        Instant.now());
        Files.writeString(files.certificates(), Pem.certificates(List.of(leaf)));
        Files.writeString(files.key(), Pem.privateKey(keys.getPrivate()));
        return leaf;
    }

    private HttpResponse<String> askWeb(TestServer server) throws Exception {
        var roots = folder.resolve("roots.pem");
        Files.writeString(roots, Pem.certificates(List.of(web.certificate())));
        return ask(server, "GET", "/", new WebRoots(Optional.of(roots)).trustManagers(), new SSLParameters());
    }

    private static X509Certificate shown(HttpResponse<String> answer) throws Exception {
        return (X509Certificate) answer.sslSession().orElseThrow().getPeerCertificates()[0];
    }

    @Test
    void aCertificateFromFilesIsShownAndReadAgain() throws Exception {
        var files = new Serving.Files(folder.resolve("cert.pem"), folder.resolve("key.pem"), SYNC);
        var first = write(files, "localhost");
        var server = start(files);
        assertEquals(first, shown(askWeb(server)));

        var second = write(files, "localhost");
        assertEquals(first, shown(askWeb(server)));
        server.clock.advance(SYNC);
        assertEquals(second, shown(askWeb(server)));

        Files.writeString(files.key(), "broken");
        server.clock.advance(SYNC);
        assertEquals(second, shown(askWeb(server)));
    }

    @Test
    void aServerWithoutAUsableCertificateDoesNotStart() throws Exception {
        var files = new Serving.Files(folder.resolve("cert.pem"), folder.resolve("key.pem"), SYNC);
        write(files, "localhost");
        Files.writeString(files.key(), "broken");

        var refusal = assertThrows(IOException.class, () -> start(files));

        assertTrue(String.valueOf(refusal.getMessage()).contains("key.pem"), refusal::getMessage);
    }
}
