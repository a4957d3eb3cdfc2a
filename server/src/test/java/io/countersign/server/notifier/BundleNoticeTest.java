// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.notifier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.datastore.authority.TrustedAuthorities.Published;
import io.countersign.server.Eventually;
import io.countersign.server.TestConfig;
import io.countersign.server.TestServer;
import io.countersign.server.config.BundleConfigMap;
import io.countersign.server.config.BundleConfigMap.Form;
import io.countersign.server.node.TestApiServer;
import io.countersign.server.wire.Trusted;
import io.countersign.serverapi.localauthority.LocalAuthorityGrpc;
import io.countersign.serverapi.localauthority.PrepareX509AuthorityRequest;
import io.countersign.serverapi.types.JWTKey;
import io.countersign.spiffe.bundle.JwtAuthority;
import io.countersign.spiffe.bundle.TrustBundle;
import io.countersign.spiffe.x509.Pem;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What stands in a ConfigMap of an API server of ours, over TLS, that refuses what a real one refuses. */
@Timeout(60)
class BundleNoticeTest {
    private static final String KEY = "bundle.crt";

    @TempDir
    Path folder;

    private TestApiServer api;

    @BeforeEach
    void open() throws Exception {
        api = TestApiServer.start(folder);
    }

    @AfterEach
    void close() {
        api.close();
    }

    private TestServer server(String name) throws Exception {
        return TestServer.start(folder, config -> TestConfig.bundleConfigMaps(config, place(name)));
    }

    private BundleConfigMap place(String name) {
        return new BundleConfigMap("spire", name, KEY, Optional.of(api.kubeConfig()));
    }

    private static Published published(TrustBundle bundle) {
        return new Published(
                bundle.x509Authorities().stream()
                        .map(root -> Trusted.root(root, false))
                        .toList(),
                1);
    }

    private static String pem(TrustBundle bundle) {
        return Pem.certificates(bundle.x509Authorities());
    }

    @Test
    void theBundleIsThereAndFollowsEveryChange() throws Exception {
        api.putConfigMapText("other", "stays");
        try (var server = server("spire-bundle")) {
            Eventually.holds(
                    "the bundle is written", () -> api.configMapText(KEY).equals(pem(server.bundle())));

            TestServer.waiting(LocalAuthorityGrpc.newBlockingStub(server.local()))
                    .prepareX509Authority(PrepareX509AuthorityRequest.getDefaultInstance());

            assertEquals(2, server.bundle().x509Authorities().size());
            Eventually.holds(
                    "the second authority is written",
                    () -> api.configMapText(KEY).equals(pem(server.bundle())));
            assertEquals("stays", api.configMapText("other"));
        }
    }

    @Test
    void whatSomebodyElseHasTakenAwayIsWrittenAgain() throws Exception {
        try (var server = server("unknown");
                var _ = new BundleNotice(
                                TestConfig.DOMAIN,
                                place("spire-bundle"),
                                () -> published(server.bundle()),
                                Duration.ofMillis(1))
                        .start()) {
            Eventually.holds(
                    "the bundle is written", () -> api.configMapText(KEY).equals(pem(server.bundle())));

            api.putConfigMapText(KEY, "");

            Eventually.holds("it is written again", () -> api.configMapText(KEY).equals(pem(server.bundle())));
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"JWKS", "SPIFFE"})
    void otherFormsHoldTheKeysOfTokensAsWellAndTheConfigMapIsMade(Form form) throws Exception {
        api.removeConfigMap();
        var place = new BundleConfigMap(
                "spire", "spire-bundle", KEY, Optional.of(api.kubeConfig()), form, Optional.of(Duration.ofMinutes(3)));
        try (var server = TestServer.start(folder, config -> TestConfig.bundleConfigMaps(config, place))) {
            Eventually.holds(
                    "the bundle is written", () -> !api.configMapText(KEY).isEmpty());

            var text = api.configMapText(KEY);
            var root = server.bundle().x509Authorities().getFirst();
            assertTrue(text.contains(Base64.getEncoder().encodeToString(root.getEncoded())), text);
            assertEquals(form == Form.SPIFFE, text.contains("\"use\": \"x509-svid\""), text);
            var document = text.getBytes(StandardCharsets.UTF_8);
            var read = form == Form.SPIFFE
                    ? TrustBundle.parse(TestConfig.DOMAIN, document)
                    : TrustBundle.parseJwks(TestConfig.DOMAIN, document);
            assertEquals(
                    server.published().getJwtAuthoritiesList().stream()
                            .map(JWTKey::getKeyId)
                            .toList(),
                    read.jwtAuthorities().stream().map(JwtAuthority::keyId).toList());
            assertEquals(
                    form == Form.SPIFFE ? Optional.of(Duration.ofMinutes(3)) : Optional.empty(), read.refreshHint());
        }
    }

    @Test
    void anApiServerThatRefusesIsAskedAgainAndKeepsTheServerFromNothing() throws Exception {
        api.lockOut();
        try (var server = server("spire-bundle")) {
            Eventually.holds("it is asked", () -> api.refusals() > 0);
            assertEquals(1, server.bundle().x509Authorities().size());
            assertEquals("", api.configMapText(KEY));

            api.renewToken();

            Eventually.holds(
                    "the bundle is written", () -> api.configMapText(KEY).equals(pem(server.bundle())));
        }
    }
}
