// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.federation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import io.countersign.datastore.federation.BundleEndpoint;
import io.countersign.datastore.federation.BundleEndpoint.HttpsSpiffe;
import io.countersign.datastore.federation.BundleEndpoint.HttpsWeb;
import io.countersign.datastore.federation.BundleEndpoint.Profile;
import io.countersign.launch.web.WebRoots;
import io.countersign.spiffe.SpiffeId;
import io.countersign.spiffe.bundle.TrustBundle;
import io.countersign.spiffe.x509.Pem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is fetched, from whom, and what is not; the behaviours F-01 to F-18 of the federation standard's checklist. */
@Timeout(60)
class BundleClientTest {
    private static final Profile SPIFFE = new HttpsSpiffe(SpiffeId.of(TestEndpoint.DOMAIN, "/spire/server"));
    private static final Profile WEB = new HttpsWeb();

    @TempDir
    Path folder;

    private final CountDownLatch end = new CountDownLatch(1);
    private final AtomicInteger asked = new AtomicInteger();
    private TestEndpoint endpoint;

    @BeforeEach
    void open() throws IOException {
        endpoint = new TestEndpoint("/spire/server", this::answer);
    }

    @AfterEach
    void close() {
        end.countDown();
        endpoint.close();
    }

    private void answer(HttpExchange exchange) throws IOException {
        asked.incrementAndGet();
        var path = exchange.getRequestURI().getPath();
        switch (path) {
            case "/bundle" ->
                TestEndpoint.answer(exchange, 200, endpoint.bundle().toJson());
            case "/404" -> TestEndpoint.answer(exchange, 404, "nothing here");
            case "/204" -> TestEndpoint.answer(exchange, 204, "");
            case "/html" -> TestEndpoint.answer(exchange, 200, "<html></html>");
            case "/large" ->
                TestEndpoint.answer(
                        exchange, 200, " ".repeat(5 << 20) + endpoint.bundle().toJson());
            case "/loop" -> TestEndpoint.redirect(exchange, 302, "/loop");
            case "/plain" -> TestEndpoint.redirect(exchange, 302, "http://localhost:1/bundle");
            case "/user" -> TestEndpoint.redirect(exchange, 302, endpoint.url("me:secret@localhost", "/bundle"));
            case "/nowhere" -> TestEndpoint.answer(exchange, 302, "");
            case "/silent" -> hang(exchange, false);
            case "/stuck" -> hang(exchange, true);
            default -> TestEndpoint.redirect(exchange, Integer.parseInt(path.substring(1)), "/bundle");
        }
    }

    private void hang(HttpExchange exchange, boolean afterTheFirstByte) throws IOException {
        try (exchange) {
            if (afterTheFirstByte) {
                exchange.sendResponseHeaders(200, 1000);
                exchange.getResponseBody().write('{');
                exchange.getResponseBody().flush();
            }
            end.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private TrustBundle fetch(Profile profile, String host, String path) throws Exception {
        var roots = folder.resolve("roots.pem");
        Files.writeString(roots, Pem.certificates(List.of(endpoint.authority.certificate())));
        return new BundleClient(
                        endpoint.bundle(),
                        new WebRoots(Optional.of(roots)),
                        InstantSource.system(),
                        Duration.ofMillis(path.equals("/silent") || path.equals("/stuck") ? 300 : 20_000))
                .fetch(TestEndpoint.DOMAIN, BundleEndpoint.parse(endpoint.url(host, path), profile));
    }

    private String refused(Profile profile, String host, String path) {
        return String.valueOf(assertThrows(IOException.class, () -> fetch(profile, host, path))
                .getMessage());
    }

    @Test
    void aSpiffeEndpointIsKnownByItsIdWhateverTheHost() throws Exception {
        assertEquals(endpoint.bundle(), fetch(SPIFFE, "127.0.0.1", "/bundle"));
        var words = refused(new HttpsSpiffe(SpiffeId.of(TestEndpoint.DOMAIN, "/other")), "localhost", "/bundle");
        assertTrue(words.contains("spiffe://other.test/spire/server, which is not allowed here"), words);
    }

    @Test
    void aSpiffeEndpointOfAnUnknownTrustDomainIsNotBelieved() {
        var stranger = new HttpsSpiffe(SpiffeId.parse("spiffe://third.test/x"));
        var client = new BundleClient(endpoint.bundle(), new WebRoots(Optional.empty()), InstantSource.system());

        var words = assertThrows(
                        IOException.class,
                        () -> client.requireVouched(
                                BundleEndpoint.parse(endpoint.url("localhost", "/bundle"), stranger)))
                .getMessage();
        assertTrue(
                String.valueOf(words).contains("local copy of bundle not found for trust domain \"third.test\""),
                words);
        assertTrue(refused(stranger, "localhost", "/bundle").contains("which is not allowed here"));
        assertEquals(0, asked.get());
    }

    @Test
    void anotherAuthorityIsNotBelieved() throws Exception {
        try (var stranger = new TestEndpoint("/spire/server", exchange -> asked.incrementAndGet())) {
            var client = new BundleClient(
                    endpoint.bundle(), new WebRoots(Optional.empty()), InstantSource.system(), Duration.ofSeconds(20));
            for (var profile : List.of(SPIFFE, WEB)) {
                assertThrows(
                        IOException.class,
                        () -> client.fetch(
                                TestEndpoint.DOMAIN,
                                BundleEndpoint.parse(stranger.url("localhost", "/bundle"), profile)));
            }
        }
        assertEquals(0, asked.get());
    }

    @Test
    void aWebEndpointIsKnownByItsHost() throws Exception {
        assertEquals(endpoint.bundle(), fetch(WEB, "localhost", "/bundle"));

        var words = refused(WEB, "127.0.0.1", "/bundle");
        assertTrue(words.endsWith("an endpoint that has an X509-SVID is of profile https_spiffe"), words);
    }

    @ParameterizedTest
    @ValueSource(ints = {301, 302, 303, 307, 308})
    void aRedirectIsFollowed(int status) throws Exception {
        assertEquals(endpoint.bundle(), fetch(SPIFFE, "localhost", "/" + status));
    }

    @ParameterizedTest
    @CsvSource({
        "/plain, must use the https scheme",
        "/user, must not contain user info",
        "/loop, redirects more than 10 times",
        "/nowhere, redirects to \"\"",
        "/404, unexpected status 404 fetching bundle: nothing here",
        "/204, unexpected status 204 fetching bundle: ",
        "/html, failed to decode bundle: ",
        "/large, failed to fetch bundle: ",
        "/silent, gave no whole answer within 300 ms",
        "/stuck, gave no whole answer within 300 ms"
    })
    void whatIsNoBundleIsRefused(String path, String words) {
        var refusal = refused(SPIFFE, "localhost", path);

        assertTrue(refusal.contains(words), refusal);
    }

    @Test
    void aRedirectHasToLeadToTheSameId() throws Exception {
        try (var first = new TestEndpoint(
                "/spire/server",
                exchange -> TestEndpoint.redirect(exchange, 302, endpoint.url("localhost", "/bundle")))) {
            var client = new BundleClient(
                    first.bundle(), new WebRoots(Optional.empty()), InstantSource.system(), Duration.ofSeconds(20));

            // the second server has the same name, but another authority
            assertThrows(
                    IOException.class,
                    () -> client.fetch(TestEndpoint.DOMAIN, BundleEndpoint.parse(first.url("localhost", "/"), SPIFFE)));
        }
        assertEquals(0, asked.get());
    }

    @Test
    void theRootsAreThoseOfTheMachineOrOfTheOperator() {
        var own = folder.resolve("own.pem");

        assertEquals(new WebRoots(Optional.of(own)), WebRoots.of(Map.of("SSL_CERT_FILE", own.toString())));
        assertTrue(String.valueOf(assertThrows(IOException.class, () -> new WebRoots(Optional.of(own)).trustManagers())
                        .getMessage())
                .contains("own.pem"));
    }
}
