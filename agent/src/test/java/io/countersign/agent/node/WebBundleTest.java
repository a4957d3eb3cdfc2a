// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.node;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.countersign.launch.web.WebRoots;
import io.countersign.spiffe.x509.Pem;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A bundle from a web server with a certificate of its own authority. */
final class WebBundleTest {
    @TempDir
    private Path folder;

    private HttpsServer server;
    private final AtomicInteger status = new AtomicInteger(200);
    private volatile byte[] body = "the bundle".getBytes(StandardCharsets.UTF_8);
    private WebRoots roots = new WebRoots(Optional.empty());

    @BeforeEach
    void open() throws Exception {
        server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(context()));
        server.createContext("/", exchange -> {
            try (exchange) {
                exchange.sendResponseHeaders(status.get(), body.length);
                exchange.getResponseBody().write(body);
            }
        });
        server.start();
    }

    private SSLContext context() throws Exception {
        var generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(256);
        var keys = generator.generateKeyPair();
        var now = Instant.now();
        var name = new X500Name("CN=localhost");
        X509Certificate certificate = new JcaX509CertificateConverter()
                .getCertificate(new JcaX509v3CertificateBuilder(
                                name,
                                BigInteger.TEN,
                                Date.from(now.minusSeconds(60)),
                                Date.from(now.plusSeconds(3600)),
                                name,
                                keys.getPublic())
                        .addExtension(
                                Extension.subjectAlternativeName,
                                false,
                                new GeneralNames(new GeneralName(GeneralName.dNSName, "localhost")))
                        .build(new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate())));
        roots = new WebRoots(
                Optional.of(Files.writeString(folder.resolve("roots.pem"), Pem.certificates(List.of(certificate)))));
        var store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry("key", keys.getPrivate(), new char[0], new Certificate[] {certificate});
        var factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(store, new char[0]);
        var context = SSLContext.getInstance("TLS");
        context.init(factory.getKeyManagers(), null, null);
        return context;
    }

    @AfterEach
    void close() {
        server.stop(0);
    }

    private WebBundle bundle(WebRoots trusted) {
        return new WebBundle(
                URI.create("https://localhost:" + server.getAddress().getPort() + "/bundle"), trusted);
    }

    @Test
    void theBodyIsFetchedFromAServerThatIsTrusted() throws Exception {
        assertArrayEquals(body, bundle(roots).fetch());
    }

    @Test
    void aServerOfAnotherAuthorityIsNotBelieved() {
        var failure = assertThrows(
                AwayException.class,
                () -> bundle(new WebRoots(Optional.empty())).fetch());
        assertTrue(String.valueOf(failure.getMessage()).contains("SSLHandshakeException"), failure::getMessage);
    }

    @Test
    void anAnswerThatIsNone() {
        status.set(404);
        var failure = assertThrows(AwayException.class, () -> bundle(roots).fetch());
        assertEquals("trust_bundle_url " + bundle(roots).url() + " answers 404, expected 200", failure.getMessage());
    }

    @Test
    void anAnswerWithoutEndIsCutOff() {
        body = new byte[5 << 20];
        assertThrows(AwayException.class, () -> bundle(roots).fetch());
    }
}
