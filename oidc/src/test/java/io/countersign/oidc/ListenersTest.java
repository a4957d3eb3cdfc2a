// SPDX-License-Identifier: Apache-2.0
package io.countersign.oidc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.ca.key.KeyType;
import io.countersign.ca.x509.CaSubject;
import io.countersign.ca.x509.SvidTemplate;
import io.countersign.ca.x509.X509Authority;
import io.countersign.ca.x509.X509Issuer;
import io.countersign.launch.config.ConfigFile;
import io.countersign.oidc.config.OidcConfig;
import io.countersign.oidc.config.OidcConfigFile;
import io.countersign.spiffe.SpiffeId;
import io.countersign.spiffe.TrustDomain;
import io.countersign.spiffe.bundle.TrustBundle;
import io.countersign.spiffe.x509.Pem;
import io.countersign.workloadapi.tls.SpiffeTrustManager;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The ways in, and what is no HTTP. */
@Timeout(120)
class ListenersTest {
    private static final TrustDomain DOMAIN = new TrustDomain("example.org");

    @TempDir
    Path folder;

    private final X509Authority web = X509Authority.selfSigned(
            DOMAIN, CaSubject.STANDARD, KeyType.EC_P256.generate(), Instant.now(), Duration.ofDays(1));

    private OidcConfig config(String listen) {
        return OidcConfigFile.read(ConfigFile.parse("""
                domains = ["localhost"]
                file { path = "%s/bundle.json" }
                """.formatted(folder) + listen, "o.conf"));
    }

    private static String talk(SocketChannel channel, String text) throws IOException {
        channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)));
        channel.shutdownOutput();
        return new String(Channels.newInputStream(channel).readAllBytes(), StandardCharsets.UTF_8);
    }

    @Test
    void aProxyOnThisMachineAsksThroughASocketThatAnybodyMayOpen() throws Exception {
        var socket = folder.resolve("o.sock");
        try (var provider =
                DiscoveryProvider.start(config("listen_socket_path = \"" + socket + "\""), InstantSource.system())) {
            assertEquals(-1, provider.port());
            assertEquals("rwxrwxrwx", PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)));
            try (var channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
                channel.connect(UnixDomainSocketAddress.of(socket));

                var answer = talk(channel, "GET /.well-known/openid-configuration HTTP/1.0\r\nHost: localhost\r\n\r\n");

                assertTrue(answer.startsWith("HTTP/1.0 200 OK\r\n"), answer);
                assertTrue(answer.contains("\"issuer\": \"https://localhost\""), answer);
            }
        }
        assertFalse(Files.exists(socket));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "GET /keys HTTP/1.1 | HTTP/1.1 400 Bad Request | missing required Host header",
                "GET /keys HTTP/1.1,Host: a,Host: b | HTTP/1.1 400 Bad Request | too many Host headers",
                "GET /keys HTTP/1.1,Host: a/b | HTTP/1.1 400 Bad Request | malformed Host header",
                "GET keys HTTP/1.1,Host: localhost | HTTP/1.1 400 Bad Request | 400 Bad Request",
                "GET /.well-known/openid-configuration HTTP/1.0 | HTTP/1.0 400 Bad Request | domain \"\" is not allowed",
                "GET http://localhost/.well-known/openid-configuration HTTP/1.1,Host: b | HTTP/1.1 200 OK | \"https://localhost\"",
                "GET /%zz HTTP/1.1,Host: localhost,Connection: close | HTTP/1.1 400 Bad Request | 400 Bad Request",
                "NONSENSE | HTTP/1.1 400 Bad Request | 400 Bad Request",
            })
    void whatIsNoRequestIsRefused(String lines, String status, String expected) throws Exception {
        try (var provider = DiscoveryProvider.start(config("insecure_addr = \"127.0.0.1:0\""), InstantSource.system());
                var channel =
                        SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), provider.port()))) {
            var answer = talk(channel, lines.replace(",", "\r\n") + "\r\n\r\n");

            assertTrue(answer.startsWith(status + "\r\n"), answer);
            assertTrue(answer.contains(expected), answer);
        }
    }

    @Test
    void aPortInUseStopsTheStart() throws Exception {
        try (var first = DiscoveryProvider.start(config("insecure_addr = \"127.0.0.1:0\""), InstantSource.system())) {
            var config = config("insecure_addr = \"127.0.0.1:" + first.port() + "\"");

            var refusal =
                    assertThrows(IOException.class, () -> DiscoveryProvider.start(config, InstantSource.system()));

            assertTrue(String.valueOf(refusal.getMessage()).contains("" + first.port()), refusal::getMessage);
        }
    }

    private X509Certificate write() throws IOException {
        var keys = KeyType.EC_P256.generate();
        var leaf = new X509Issuer(web)
                .issue(
                        new SvidTemplate(
                                SpiffeId.parse("spiffe://example.org/web"),
                                keys.getPublic(),
                                Duration.ofHours(1),
                                List.of("localhost"),
                                Optional.empty()),
                        Instant.now());
        Files.writeString(folder.resolve("cert.pem"), Pem.certificates(List.of(leaf)));
        Files.writeString(folder.resolve("key.pem"), Pem.privateKey(keys.getPrivate()));
        return leaf;
    }

    private HttpResponse<String> askOverTls(int port) throws Exception {
        var context = SSLContext.getInstance("TLS");
        var bundle = TrustBundle.ofX509(DOMAIN, List.of(web.certificate()));
        context.init(null, new TrustManager[] {new SpiffeTrustManager(bundle, id -> true)}, null);
        try (var client = HttpClient.newBuilder().sslContext(context).build()) {
            return client.send(
                    HttpRequest.newBuilder(
                                    URI.create("https://localhost:" + port + "/.well-known/openid-configuration"))
                            .build(),
                    BodyHandlers.ofString());
        }
    }

    private static X509Certificate shown(HttpResponse<String> answer) throws Exception {
        return (X509Certificate) answer.sslSession().orElseThrow().getPeerCertificates()[0];
    }

    @Test
    void aCertificateFromFilesIsShownAndReadAgain() throws Exception {
        var now = new AtomicReference<>(Instant.now());
        var first = write();
        var config = config("""
                allow_insecure_scheme = true
                serving_cert_file {
                  addr = "127.0.0.1:0"
                  cert_file_path = "%1$s/cert.pem"
                  key_file_path = "%1$s/key.pem"
                }
                """.formatted(folder));
        try (var provider = DiscoveryProvider.start(config, now::get)) {
            var answer = askOverTls(provider.port());
            assertEquals(first, shown(answer));
            assertTrue(answer.body().contains("\"https://localhost:" + provider.port() + "\""), answer::body);

            var second = write();
            assertEquals(first, shown(askOverTls(provider.port())));
            now.updateAndGet(time -> time.plus(Duration.ofMinutes(1)));
            assertEquals(second, shown(askOverTls(provider.port())));

            try (var plain = new Socket(InetAddress.getLoopbackAddress(), provider.port())) {
                plain.getOutputStream().write("GET /keys HTTP/1.0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                var said = new String(plain.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
                assertFalse(said.startsWith("HTTP"), said);
            }
            assertEquals(200, askOverTls(provider.port()).statusCode());
        }
    }
}
