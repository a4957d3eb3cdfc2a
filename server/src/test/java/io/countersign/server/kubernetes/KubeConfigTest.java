// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.kubernetes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.ca.key.KeyType;
import io.countersign.ca.x509.CaSubject;
import io.countersign.ca.x509.X509Authority;
import io.countersign.server.TestConfig;
import io.countersign.spiffe.x509.Pem;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How an API server is found, and whose credentials are shown to it. */
class KubeConfigTest {
    @TempDir
    Path folder;

    private final KeyPair keys = KeyType.EC_P256.generate();
    private final X509Authority authority =
            X509Authority.selfSigned(TestConfig.DOMAIN, CaSubject.STANDARD, keys, Instant.now(), Duration.ofDays(1));
    private final String pem = Pem.certificates(List.of(authority.certificate()));

    private ApiAccess read(String cluster, String user) throws IOException {
        return KubeConfig.read(Files.writeString(folder.resolve("kubeconfig"), """
                {apiVersion: v1, kind: Config, current-context: x,
                 contexts: [{name: x, context: {cluster: c, user: u}}],
                 clusters: [{name: c, cluster: {server: "https://10.0.0.1:6443", %s}}],
                 users: [{name: u, user: {%s}}]}
                """.formatted(cluster, user)));
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void certificatesStandInTheFileOrBesideIt() throws Exception {
        var inside = read(
                "certificate-authority-data: " + base64(pem),
                "client-certificate-data: %s, client-key-data: %s"
                        .formatted(base64(pem), base64(Pem.privateKey(keys.getPrivate()))));
        Files.writeString(folder.resolve("ca.crt"), pem);
        Files.writeString(folder.resolve("key"), Pem.privateKey(keys.getPrivate()));
        var beside = read("certificate-authority: ca.crt", "client-certificate: ca.crt, client-key: key");

        assertEquals(URI.create("https://10.0.0.1:6443"), inside.server());
        assertEquals(List.of(authority.certificate()), inside.authorities());
        assertEquals(
                List.of(authority.certificate()),
                inside.certificate().orElseThrow().chain());
        assertEquals(keys.getPrivate(), inside.certificate().orElseThrow().key());
        assertEquals(Optional.empty(), inside.token());
        assertEquals(inside, beside);
        assertFalse(inside.tls().getProtocol().isEmpty());
    }

    @Test
    void aTokenIsInTheFileOrOneOfItsOwn() throws Exception {
        Files.writeString(folder.resolve("token"), "second\n");

        assertEquals(Optional.of("first"), read("", "token: first").token());
        assertEquals(
                Optional.of("second"),
                read("", "token: first, tokenFile: token").token());
        assertEquals("https://10.0.0.1:6443", read("", "token: first").toString());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            insecure-skip-tls-verify: true | token: t                  | insecure-skip-tls-verify is not supported
            tls-server-name: x             | token: t                  | tls-server-name is not supported
            proxy-url: "http://x"          | token: t                  | proxy-url is not supported
            namespace: x                   | exec: {command: x}        | exec is not supported
            namespace: x                   | username: x, password: y  | username is not supported
            namespace: x                   | client-certificate-data: QQ== | client-certificate and client-key were expected together
            certificate-authority: nothing | token: t                  | /nothing, which is not there
            """)
    void whatIsNotSupportedIsNamed(String cluster, String user, String words) {
        var refused = assertThrows(IOException.class, () -> read(cluster, user));

        assertTrue(String.valueOf(refused.getMessage()).contains(words), refused::getMessage);
    }

    @Test
    void aBrokenFileIsNotQuoted() {
        var refused = assertThrows(IOException.class, () -> read("", "token: secret-of-mine, [}"));

        var words = String.valueOf(refused.getMessage());
        assertTrue(words.endsWith("kubeconfig is no yaml, see line 4"), words);
        assertFalse(words.contains("secret-of-mine"), words);
    }

    @Test
    void thePodsOwnClusterIsFoundByItsEnvironment() throws Exception {
        Files.writeString(folder.resolve("ca.crt"), pem);
        Files.writeString(folder.resolve("token"), "mine\n");

        var access = ApiAccess.inCluster(
                Map.of("KUBERNETES_SERVICE_HOST", "fd00::1", "KUBERNETES_SERVICE_PORT", "443"), folder);

        assertEquals(URI.create("https://[fd00::1]:443"), access.server());
        assertEquals(Optional.of("mine"), access.token());
        assertEquals(List.of(authority.certificate()), access.authorities());
        var outside = assertThrows(IOException.class, () -> ApiAccess.inCluster(Map.of(), folder));
        assertTrue(String.valueOf(outside.getMessage()).contains("kube_config_file"), outside::getMessage);
    }
}
