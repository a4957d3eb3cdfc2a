// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.countersign.server.TestConfig;
import io.countersign.server.TestServer;
import io.countersign.server.agentpath.AgentPathTemplate;
import io.countersign.server.agentpath.AgentPathTemplate.Fields;
import io.countersign.server.config.NodeAttestorSettings.SshPop;
import io.countersign.server.node.SshPki.Algorithm;
import io.countersign.server.node.SshPki.HostKey;
import io.countersign.server.node.SshPki.Wish;
import io.countersign.server.ssh.SshSignature;
import io.grpc.Status;
import io.grpc.Status.Code;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How a node gets in, again and again, by an SSH host certificate. */
@Timeout(60)
class SshPopTest {
    private static final Fields FIELDS = new Fields(
            Set.of("PluginName", "Fingerprint", "Hostname", "Serial", "KeyId"), Set.of(), Set.of("ValidPrincipals"));

    @TempDir
    Path folder;

    private final HostKey authority = HostKey.generate(Algorithm.ED25519);
    private final HostKey host = HostKey.generate(Algorithm.P256);
    private Optional<TestServer> started = Optional.empty();

    @AfterEach
    void close() {
        started.ifPresent(TestServer::close);
    }

    private Newcomer newcomer(String path, String domain, HostKey... authorities) throws Exception {
        var settings = new SshPop(
                Arrays.stream(authorities).map(HostKey::publicKey).toList(),
                domain,
                AgentPathTemplate.parse(path, FIELDS));
        var server = TestServer.start(folder, config -> TestConfig.nodeAttestors(config, settings));
        started = Optional.of(server);
        return new Newcomer(server, "sshpop");
    }

    private Newcomer newcomer() throws Exception {
        return newcomer("/{{ .PluginName }}/{{ .Fingerprint }}", "", authority);
    }

    private Wish wish() {
        return Wish.of(host, authority);
    }

    private static String payload(byte[] certificate) {
        return "{\"Certificate\":\"" + Base64.getEncoder().encodeToString(certificate) + "\"}";
    }

    private static String answer(String challenge, HostKey key) {
        return answer(challenge, key, Optional.empty());
    }

    private static String answer(String challenge, HostKey key, Optional<String> format) {
        try {
            var own = new byte[32];
            var digest = MessageDigest.getInstance("SHA-256");
            digest.update(Base64.getDecoder()
                    .decode(JsonParser.parseString(challenge)
                            .getAsJsonObject()
                            .get("Nonce")
                            .getAsString()));
            var data = digest.digest(own);
            return answer(own, format.isPresent() ? key.sign(data, format.get()) : key.sign(data));
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static String answer(byte[] nonce, SshSignature signature) {
        var signed = new JsonObject();
        signed.addProperty("Format", signature.format());
        signed.addProperty(
                "Blob", Base64.getEncoder().encodeToString(signature.blob().toByteArray()));
        var said = new JsonObject();
        said.addProperty("Nonce", Base64.getEncoder().encodeToString(nonce));
        said.add("Signature", signed);
        return said.toString();
    }

    private static void assertRefused(String words, Status status) {
        assertEquals(Code.INTERNAL, status.getCode(), status::toString);
        assertEquals("nodeattestor(sshpop): " + words, status.getDescription());
    }

    @ParameterizedTest
    @EnumSource(Algorithm.class)
    void whoHoldsTheKeyOfATrustedCertificateIsLetIn(Algorithm algorithm) throws Exception {
        var key = HostKey.generate(algorithm);
        var other = HostKey.generate(algorithm);
        var certificate = Wish.of(key, other).certificate();
        var newcomer = newcomer("/{{ .PluginName }}/{{ .Fingerprint }}", "", authority, other);

        var admitted = newcomer.attest(payload(certificate), challenge -> answer(challenge, key));

        var fingerprint = Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(MessageDigest.getInstance("SHA-256").digest(certificate));
        assertEquals(
                TestConfig.id("/spire/agent/sshpop/" + fingerprint),
                admitted.svid().id());
        assertTrue(admitted.reattestable());
        assertEquals(
                admitted.svid().id(),
                newcomer.attest(payload(certificate), challenge -> answer(challenge, key))
                        .svid()
                        .id());
    }

    @ParameterizedTest
    @ValueSource(strings = {"ssh-rsa", "rsa-sha2-256", "rsa-sha2-512"})
    void rsaSignsWithEachOfItsDigests(String format) throws Exception {
        var key = HostKey.generate(Algorithm.RSA);

        var _ = newcomer()
                .attest(
                        payload(Wish.of(key, authority).certificate()),
                        challenge -> answer(challenge, key, Optional.of(format)));
    }

    @Test
    void theNameOfTheHostMayBeItsPath() throws Exception {
        var newcomer = newcomer(
                "/host/{{ .Hostname }}/{{ .KeyId }}/{{ .Serial }}/{{ index .ValidPrincipals 1 }}",
                "example.org",
                authority);

        assertEquals(
                TestConfig.id("/spire/agent/host/node-1/key-id/7/other"),
                newcomer.attest(payload(wish().certificate()), challenge -> answer(challenge, host))
                        .svid()
                        .id());
        assertRefused(
                "failed to decanonicalize hostname: cert principal is not in domain \".example.org\"",
                newcomer.refusal(payload(wish().principals("node.other.org").certificate()), _ -> ""));
    }

    @Test
    void aCertificateThatDoesNotCountIsRefused() throws Exception {
        var newcomer = newcomer();
        long now = newcomer.server().clock.instant().getEpochSecond();
        assertRefused("no certificate in response", newcomer.refusal("{}", _ -> ""));
        assertRefused("pubkey in response is not a certificate", newcomer.refusal(payload(host.publicBlob()), _ -> ""));
        assertRefused("cert has no valid principals", refusal(newcomer, wish().principals(new String[0])));
        assertUnchecked("certificate presented as a host key has type 1", newcomer, wish().type(1));
        assertUnchecked("no authorities for hostname: node-1.example.org:22", newcomer, Wish.of(host, host));
        assertUnchecked("unsupported critical option \"x\" in certificate", newcomer, wish().critical("x"));
        assertUnchecked("cert is not yet valid", newcomer, wish().time(now + 100, -1L));
        assertUnchecked("cert is not yet valid", newcomer, wish().time(-1L, -1L));
        assertUnchecked("cert has expired", newcomer, wish().time(0, now - 1));
        assertUnchecked("cert has expired", newcomer, wish().time(0, -2L));
        assertRefused(
                "failed to check host key: ssh: certificate signature does not verify",
                newcomer.refusal(payload(wish().certificate(authority.sign(new byte[3]))), _ -> ""));
        var _ = newcomer.attest(
                payload(wish().critical("source-address")
                        .time(now - 100, now + 100)
                        .certificate()),
                challenge -> answer(challenge, host));
    }

    private static Status refusal(Newcomer newcomer, Wish wish) throws Exception {
        return newcomer.refusal(payload(wish.certificate()), _ -> "");
    }

    private static void assertUnchecked(String words, Newcomer newcomer, Wish wish) throws Exception {
        assertRefused("failed to check host key: ssh: " + words, refusal(newcomer, wish));
    }

    @Test
    void whatIsMalformedIsRefused() throws Exception {
        var newcomer = newcomer();
        var good = wish().certificate();
        for (int length : List.of(1, 3, 40, 90, good.length / 2, good.length - 1)) {
            var cut = newcomer.refusal(payload(Arrays.copyOf(good, length)), _ -> "");
            assertTrue(
                    String.valueOf(cut.getDescription())
                            .startsWith("nodeattestor(sshpop): failed to parse public key: "),
                    cut::toString);
        }
        assertRefused(
                "failed to parse public key: there is something behind the certificate",
                newcomer.refusal(payload(Arrays.copyOf(good, good.length + 1)), _ -> ""));
        var garbage = newcomer.refusal("x", _ -> "");
        assertTrue(
                String.valueOf(garbage.getDescription()).startsWith("nodeattestor(sshpop): failed to unmarshal data: "),
                garbage::toString);
    }

    @Test
    void whoDoesNotHoldTheKeyIsRefused() throws Exception {
        var newcomer = newcomer();
        var shown = payload(wish().certificate());

        assertRefused(
                "failed to verify signature: ssh: signature did not verify",
                newcomer.refusal(shown, challenge -> answer(challenge, HostKey.generate(Algorithm.P256))));
        assertRefused(
                "failed to verify signature: ssh: signature type ssh-ed25519 for key type ecdsa-sha2-nistp256",
                newcomer.refusal(shown, challenge -> answer(challenge, authority)));
        assertRefused(
                "failed to combine nonces: invalid response nonce size",
                newcomer.refusal(shown, _ -> answer(new byte[31], host.sign(new byte[32]))));
        assertRefused(
                "failed to verify signature: ssh: signature type  for key type ecdsa-sha2-nistp256",
                newcomer.refusal(
                        shown, _ -> "{\"Nonce\":\"" + Base64.getEncoder().encodeToString(new byte[32]) + "\"}"));
    }
}
