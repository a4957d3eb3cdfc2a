// SPDX-License-Identifier: Apache-2.0
package io.countersign.oidc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonParser;
import io.countersign.ca.key.KeyType;
import io.countersign.spiffe.TrustDomain;
import io.countersign.spiffe.bundle.JwtAuthority;
import io.countersign.spiffe.bundle.TrustBundle;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is answered to whom, with keys from a file. */
@Timeout(120)
class DocumentsTest {
    private static final Instant START = Instant.parse("2026-01-02T03:04:05.678Z");

    private final AtomicReference<Instant> now = new AtomicReference<>(START);

    @TempDir
    Path folder;

    private static JwtAuthority key(String id, KeyType type) {
        return new JwtAuthority(id, type.generate().getPublic());
    }

    /** As a whole, as a program that keeps such a file does it. */
    private void write(String document) throws IOException {
        var beside = folder.resolve("beside");
        Files.writeString(beside, document);
        Files.move(
                beside,
                folder.resolve("bundle.json"),
                StandardCopyOption.ATOMIC_MOVE,
                StandardCopyOption.REPLACE_EXISTING);
    }

    private void write(JwtAuthority... keys) throws IOException {
        write(new TrustBundle(new TrustDomain("example.org"), List.of(), List.of(keys), 1, Optional.empty()).toJson());
    }

    private Provider start(String more) throws IOException {
        return Provider.start("""
                domains = ["127.0.0.1", "oidc.example.org"]
                file { path = "%s/bundle.json" poll_interval = "20ms" }
                """.formatted(folder) + more, now::get);
    }

    private static String header(HttpResponse<String> answer, String name) {
        return answer.headers().firstValue(name).orElse("");
    }

    private static String member(HttpResponse<String> answer, String name) {
        return JsonParser.parseString(answer.body()).getAsJsonObject().get(name).getAsString();
    }

    @Test
    void theDocumentIsTheOriginalsByteForByte() throws Exception {
        try (var provider = start("")) {
            var answer = provider.get("/.well-known/openid-configuration");

            assertEquals(200, answer.statusCode());
            assertEquals("application/json", header(answer, "Content-Type"));
            var address = provider.address().replace("http:", "https:");
            assertEquals("""
                    {
                      "issuer": "%1$s",
                      "jwks_uri": "%1$s/keys",
                      "authorization_endpoint": "",
                      "response_types_supported": [
                        "id_token"
                      ],
                      "subject_types_supported": [
                        "public"
                      ],
                      "id_token_signing_alg_values_supported": [
                        "RS256",
                        "ES256",
                        "ES384"
                      ]
                    }""".formatted(address), answer.body());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "false, X-Forwarded-Proto, http, https",
        "true, X-Forwarded-Proto, HTTPS, https",
        "true, X-Forwarded-Proto, http, http",
        "true, X-Forwarded-Scheme, https, https",
        "true, Forwarded, for=192.0.2.60;Proto=https, https",
        "true, Accept, */*, http",
    })
    void theSchemeIsHttpOnlyIfAllowedAndAskedFor(boolean allowed, String name, String value, String scheme)
            throws Exception {
        try (var provider = start("allow_insecure_scheme = " + allowed)) {
            var answer = provider.ask("GET", "/.well-known/openid-configuration", Map.of(name, value));

            assertEquals(provider.address().replace("http:", scheme + ":"), member(answer, "issuer"));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "oidc.example.org, 200, https://oidc.example.org",
        "oidc.example.org:8443, 200, https://oidc.example.org:8443",
        "evil.example.org, 400, 'domain \"evil.example.org\" is not allowed'",
        "OIDC.example.org, 400, 'domain \"OIDC.example.org\" must already be punycode encoded'",
        "a_b.example.org, 400, 'domain \"a_b.example.org\" is not a valid domain name: idna: disallowed rune U+005F'",
    })
    void theHostHasToBeOneOfTheDomains(String host, int status, String expected) throws Exception {
        try (var provider = start("")) {
            var answer = provider.ask("GET", "/.well-known/openid-configuration", Map.of("X-Forwarded-Host", host));

            assertEquals(status, answer.statusCode());
            assertEquals(
                    expected,
                    status == 200 ? member(answer, "issuer") : answer.body().strip());
        }
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "-, -, /foo, https://%/foo, https://%/foo/keys",
                "https://issuer.example.org, -, -, https://issuer.example.org, https://issuer.example.org/keys",
                "https://issuer.example.org/a/, -, /foo, https://issuer.example.org/a/, https://issuer.example.org/a/keys",
                "https://issuer.example.org, https://keys.example.org/k, -, https://issuer.example.org, https://keys.example.org/k",
                "-, https://keys.example.org/k, -, https://%, https://keys.example.org/k",
            })
    void issuerAndKeysAreWhatIsConfigured(String issuer, String uri, String prefix, String expected, String keys)
            throws Exception {
        var more = (issuer == null ? "" : "jwt_issuer = \"" + issuer + "\"\n")
                + (uri == null ? "" : "jwks_uri = \"" + uri + "\"\n")
                + (prefix == null ? "" : "server_path_prefix = \"" + prefix + "\"\n");
        try (var provider = start(more)) {
            var answer = provider.get((prefix == null ? "" : prefix) + "/.well-known/openid-configuration");

            var host = provider.address().replace("http://", "");
            assertEquals(expected.replace("%", host), member(answer, "issuer"));
            assertEquals(keys.replace("%", host), member(answer, "jwks_uri"));
            assertEquals(
                    prefix == null ? 200 : 404,
                    provider.get("/.well-known/openid-configuration").statusCode());
        }
    }

    @Test
    void eachKeySaysItsAlgorithm() throws Exception {
        write(key("a", KeyType.EC_P256), key("b", KeyType.EC_P384), key("c", KeyType.RSA_2048));
        try (var provider = start("set_key_use = true").withKeys()) {
            var answer = provider.get("/keys");

            assertEquals("application/json", header(answer, "Content-Type"));
            assertEquals("no-cache, no-store, must-revalidate", header(answer, "Cache-Control"));
            assertEquals("no-cache", header(answer, "Pragma"));
            assertEquals("0", header(answer, "Expires"));
            assertEquals("Fri, 02 Jan 2026 03:04:05 GMT", header(answer, "Last-Modified"));
            var keys = JsonParser.parseString(answer.body()).getAsJsonObject().getAsJsonArray("keys");
            var expected = List.of(
                    "[use, kty, kid, crv, alg, x, y] sig EC a ES256",
                    "[use, kty, kid, crv, alg, x, y] sig EC b ES384",
                    "[use, kty, kid, alg, n, e] sig RSA c RS256");
            assertEquals(
                    expected,
                    keys.asList().stream()
                            .map(element -> element.getAsJsonObject())
                            .map(each -> each.keySet() + " " + each.get("use").getAsString() + " "
                                    + each.get("kty").getAsString() + " "
                                    + each.get("kid").getAsString() + " "
                                    + each.get("alg").getAsString())
                            .toList());
        }
    }

    @Test
    void whoHasTheKeysIsToldSoUntilTheyChange() throws Exception {
        write(key("a", KeyType.EC_P256));
        try (var provider = start("").withKeys()) {
            var since = Map.of("If-Modified-Since", "Fri, 02 Jan 2026 03:04:05 GMT");
            assertEquals(304, provider.ask("GET", "/keys", since).statusCode());
            assertEquals(
                    200,
                    provider.ask("GET", "/keys", Map.of("If-Modified-Since", "Fri, 02 Jan 2026 03:04:04 GMT"))
                            .statusCode());
            assertEquals(
                    304,
                    provider.ask("GET", "/keys", Map.of("If-None-Match", "*")).statusCode());
            assertEquals(
                    412,
                    provider.ask("GET", "/keys", Map.of("If-Match", "\"a\"")).statusCode());

            now.set(START.plusSeconds(1));
            write(key("b", KeyType.EC_P256));

            Eventually.holds("news", () -> provider.ask("GET", "/keys", since).statusCode() == 200);
        }
    }

    @Test
    void theLastGoodKeysStayWhileTheFileIsBroken() throws Exception {
        try (var provider = start("health_checks { bind_port = " + FreePort.find() + " }")) {
            assertEquals(500, provider.get("/keys").statusCode());
            assertEquals("document not available\n", provider.get("/keys").body());
            write(key("a", KeyType.EC_P256));
            provider.withKeys();
            var good = provider.get("/keys").body();
            assertEquals(200, provider.probe("GET", "/ready").statusCode());

            write("{");

            Eventually.holds("neither ready nor live", () -> {
                // once more for a look that had begun before, and succeeds after the clock has moved
                now.updateAndGet(time -> time.plus(Duration.ofMinutes(3)));
                return provider.probe("GET", "/ready").statusCode() == 500
                        && provider.probe("GET", "/live").statusCode() == 500;
            });
            assertEquals(good, provider.get("/keys").body());
        }
    }

    @Test
    void aTrustDomainWithoutTokensIsNotSupported() throws Exception {
        write();
        try (var provider = start("")) {
            Eventually.holds("an answer", () -> provider.get("/keys").statusCode() == 501);
            assertEquals(
                    "jwt not supported/enabled in this service\n",
                    provider.get("/keys").body());
        }
    }

    @Test
    void onlyGetIsAnswered() throws Exception {
        try (var provider = start("")) {
            for (var path : List.of("/keys", "/.well-known/openid-configuration")) {
                var answer = provider.ask("POST", path, Map.of());
                assertEquals(405, answer.statusCode());
                assertEquals("method not allowed\n", answer.body());
                assertEquals("text/plain; charset=utf-8", header(answer, "Content-Type"));
                assertEquals("nosniff", header(answer, "X-Content-Type-Options"));
                var head = provider.ask("HEAD", path, Map.of());
                assertEquals(405, head.statusCode());
                assertEquals("", head.body());
            }
            assertEquals("404 page not found\n", provider.get("/").body());
        }
    }

    @Test
    void aSlashTooManyLeadsToTheDocument() throws Exception {
        try (var provider = start("")) {
            var answer = provider.get("//.well-known/openid-configuration?a=b");

            assertEquals(307, answer.statusCode());
            assertEquals("/.well-known/openid-configuration?a=b", header(answer, "Location"));
            assertTrue(answer.body().contains("Temporary Redirect"), answer::body);
        }
    }
}
