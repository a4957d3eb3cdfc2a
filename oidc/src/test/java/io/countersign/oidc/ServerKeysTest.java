// SPDX-License-Identifier: Apache-2.0
package io.countersign.oidc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.source.JWKSourceBuilder;
import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jose.proc.DefaultJOSEObjectTypeVerifier;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jose.util.DefaultResourceRetriever;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.proc.DefaultJWTClaimsVerifier;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import java.net.URI;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A server's tokens, verified by somebody who knows the address of the provider and nothing of SPIFFE. */
@Timeout(120)
class ServerKeysTest {
    private static final String ISSUER = "https://oidc.example.org";

    @TempDir
    Path folder;

    private Provider provider() throws Exception {
        return Provider.start("""
                        domains = ["127.0.0.1"]
                        allow_insecure_scheme = true
                        jwt_issuer = "%s"
                        jwks_uri = "%s"
                        server_api { address = "unix://%s/api.sock" poll_interval = "20ms" }
                        """.formatted(ISSUER, "http://127.0.0.1/replaced", folder), InstantSource.system());
    }

    private static JsonObject json(Provider provider, String path) throws Exception {
        return JsonParser.parseString(provider.get(path).body()).getAsJsonObject();
    }

    /** As relying parties do: algorithms and keys of the document, audience and issuer their own. */
    private static JWTClaimsSet verify(JsonObject document, URI keys, String token, String audience) throws Exception {
        var algorithms =
                JWSAlgorithm.parse(document.getAsJsonArray("id_token_signing_alg_values_supported").asList().stream()
                        .map(value -> value.getAsString())
                        .toArray(String[]::new)[1]);
        // its own patience is half a second
        var patient = new DefaultResourceRetriever(20_000, 20_000);
        var source =
                JWKSourceBuilder.<SecurityContext>create(keys.toURL(), patient).build();
        var processor = new DefaultJWTProcessor<SecurityContext>();
        processor.setJWSTypeVerifier(new DefaultJOSEObjectTypeVerifier<>(JOSEObjectType.JWT));
        processor.setJWSKeySelector(new JWSVerificationKeySelector<>(algorithms, source));
        processor.setJWTClaimsSetVerifier(new DefaultJWTClaimsVerifier<>(
                audience,
                new JWTClaimsSet.Builder()
                        .issuer(document.get("issuer").getAsString())
                        .build(),
                Set.of("sub", "exp", "iat")));
        return processor.process(token, null);
    }

    @Test
    void aStockLibraryVerifiesATokenOfOurServer() throws Exception {
        try (var server = TestSource.start(folder, ISSUER);
                var provider = provider().withKeys()) {
            var document = json(provider, "/.well-known/openid-configuration");
            assertEquals("http://127.0.0.1/replaced", document.get("jwks_uri").getAsString());
            var token = server.mint("/orders", "shop");
            var keys = URI.create(provider.address() + "/keys");

            var claims = verify(document, keys, token, "shop");

            assertEquals("spiffe://example.org/orders", claims.getSubject());
            assertThrows(BadJOSEException.class, () -> verify(document, keys, token, "bank"));
            int signature = token.lastIndexOf('.') + 1;
            // another character, whatever stands there
            var other = token.charAt(signature) == '-' ? "A" : "-";
            var forged = token.substring(0, signature) + other + token.substring(signature + 1);
            assertThrows(BadJOSEException.class, () -> verify(document, keys, forged, "shop"));
        }
    }

    @Test
    void aNewKeyIsServedAndTheLastOnesStayWhileTheServerIsAway() throws Exception {
        String two;
        try (var provider = provider()) {
            assertEquals(500, provider.get("/keys").statusCode());
            try (var server = TestSource.start(folder, ISSUER)) {
                provider.withKeys();
                assertEquals(1, json(provider, "/keys").getAsJsonArray("keys").size());

                server.prepareKey();

                Eventually.holds(
                        "two keys",
                        () -> json(provider, "/keys").getAsJsonArray("keys").size() == 2);
                two = provider.get("/keys").body();
            }
            assertEquals(two, provider.get("/keys").body());
        }
    }
}
