// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.sds;

import static io.countersign.agent.TestDomain.ABROAD;
import static io.countersign.agent.TestDomain.HOME;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import com.google.rpc.Status;
import io.countersign.agent.TestDomain;
import io.countersign.agent.TestEndpoint;
import io.countersign.agent.TestEndpoint.Options;
import io.countersign.agent.entry.RegistrationEntry;
import io.countersign.sdsapi.core.Node;
import io.countersign.sdsapi.discovery.DiscoveryRequest;
import io.countersign.sdsapi.discovery.DiscoveryResponse;
import io.countersign.sdsapi.secret.SecretDiscoveryServiceGrpc;
import io.countersign.sdsapi.secret.SecretDiscoveryServiceGrpc.SecretDiscoveryServiceBlockingV2Stub;
import io.countersign.sdsapi.tls.CertificateValidationContext;
import io.countersign.sdsapi.tls.SPIFFECertValidatorConfig;
import io.countersign.sdsapi.tls.Secret;
import io.countersign.spiffe.bundle.TrustBundle;
import io.countersign.spiffe.x509.Pem;
import io.countersign.spiffe.x509.X509Svid;
import io.grpc.Status.Code;
import io.grpc.StatusException;
import io.grpc.stub.BlockingClientCall;
import java.io.IOException;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** SDS conversations over a real socket, as Envoy has them. */
final class SecretServiceTest {
    @TempDir
    private Path folder;

    private final List<AutoCloseable> opened = new ArrayList<>();

    @AfterEach
    void close() throws Exception {
        for (var each : opened.reversed()) {
            each.close();
        }
    }

    private TestEndpoint endpoint(Options options) throws IOException {
        var endpoint = new TestEndpoint(folder, options);
        opened.add(endpoint);
        return endpoint;
    }

    /** With the identity {@code /web}, which knows the other domain. */
    private TestEndpoint endpoint() throws IOException {
        var endpoint = endpoint(Options.standard());
        endpoint.put(web(endpoint));
        return endpoint;
    }

    private static RegistrationEntry web(TestEndpoint endpoint) {
        return endpoint.entry("a", "/web", ABROAD);
    }

    private static SecretDiscoveryServiceBlockingV2Stub stub(TestEndpoint endpoint) {
        return SecretDiscoveryServiceGrpc.newBlockingV2Stub(endpoint.channel).withDeadlineAfter(20, TimeUnit.SECONDS);
    }

    /** One open conversation. */
    private record Envoy(BlockingClientCall<DiscoveryRequest, DiscoveryResponse> call) {
        static Envoy connect(TestEndpoint endpoint) {
            return new Envoy(stub(endpoint).streamSecrets());
        }

        void send(DiscoveryRequest.Builder request) throws Exception {
            call.write(request.build());
        }

        void ask(String... names) throws Exception {
            send(request(names));
        }

        DiscoveryResponse next() throws Exception {
            var response = call.read();
            assertNotNull(response, "the stream ended with OK");
            return response;
        }

        void acknowledge(DiscoveryResponse response, String... names) throws Exception {
            send(request(names).setVersionInfo(response.getVersionInfo()).setResponseNonce(response.getNonce()));
        }

        void assertEnds(Code code, String words) {
            var ended = assertThrows(StatusException.class, call::read);
            assertEquals(code, ended.getStatus().getCode());
            assertEquals(words, ended.getStatus().getDescription());
        }
    }

    private static DiscoveryRequest.Builder request(String... names) {
        return DiscoveryRequest.newBuilder().setTypeUrl(SecretType.URL).addAllResourceNames(List.of(names));
    }

    private static List<Secret> secrets(DiscoveryResponse response) throws Exception {
        var secrets = new ArrayList<Secret>();
        for (var each : response.getResourcesList()) {
            assertEquals(SecretType.URL, each.getTypeUrl());
            secrets.add(each.unpack(Secret.class));
        }
        return secrets;
    }

    private static List<String> names(DiscoveryResponse response) throws Exception {
        return secrets(response).stream().map(Secret::getName).toList();
    }

    private static Secret single(TestEndpoint endpoint, DiscoveryRequest.Builder request) throws Exception {
        return secrets(stub(endpoint).fetchSecrets(request.build())).getFirst();
    }

    private static X509Svid svid(Secret secret) {
        var certificate = secret.getTlsCertificate();
        return X509Svid.parse(
                certificate.getCertificateChain().getInlineBytes().toByteArray(),
                certificate.getPrivateKey().getInlineBytes().toByteArray());
    }

    private static List<SPIFFECertValidatorConfig.TrustDomain> domains(Secret secret) throws Exception {
        var validator = secret.getValidationContext().getCustomValidatorConfig();
        assertEquals("envoy.tls.cert_validator.spiffe", validator.getName());
        return validator
                .getTypedConfig()
                .unpack(SPIFFECertValidatorConfig.class)
                .getTrustDomainsList();
    }

    private static List<X509Certificate> authorities(SPIFFECertValidatorConfig.TrustDomain domain) {
        return Pem.parseCertificates(domain.getTrustBundle().getInlineBytes().toByteArray());
    }

    @ParameterizedTest
    @ValueSource(strings = {"default", "spiffe://example.org/web"})
    void certificateIsKnownByTwoNames(String name) throws Exception {
        var endpoint = endpoint();
        var secret = single(endpoint, request(name));
        assertEquals(name, secret.getName());
        assertEquals(endpoint.held("a").svid().leaf(), svid(secret).leaf());
    }

    @ParameterizedTest
    @ValueSource(strings = {"ROOTCA", "spiffe://example.org"})
    void ownBundleIsKnownByTwoNames(String name) throws Exception {
        var endpoint = endpoint();
        var secret = single(endpoint, request(name));
        var domain = domains(secret).getFirst();
        assertEquals(name, secret.getName());
        assertEquals("example.org", domain.getName());
        assertEquals(endpoint.home.bundle().x509Authorities(), authorities(domain));
    }

    @Test
    void foreignBundleIsKnownByItsTrustDomainAndAllTogetherAsAll() throws Exception {
        var endpoint = endpoint();
        var foreign = domains(single(endpoint, request("spiffe://abroad.org")));
        assertEquals(endpoint.abroad.bundle().x509Authorities(), authorities(foreign.getFirst()));

        var all = domains(single(endpoint, request("ALL")));
        assertEquals(
                List.of("abroad.org", "example.org"),
                all.stream().map(domain -> domain.getName()).toList());
        assertEquals(endpoint.abroad.bundle().x509Authorities(), authorities(all.getFirst()));
        assertEquals(endpoint.home.bundle().x509Authorities(), authorities(all.getLast()));
    }

    @Test
    void aDomainOfTokenKeysAloneIsNoSecret() throws Exception {
        var endpoint = endpoint();
        endpoint.trust(TrustBundle.ofJwt(ABROAD, endpoint.abroad.bundle().jwtAuthorities()));

        var all = domains(single(endpoint, request("ALL")));
        assertEquals(
                List.of("example.org"),
                all.stream().map(domain -> domain.getName()).toList());
        var envoy = Envoy.connect(endpoint);
        envoy.ask();
        assertEquals(List.of("spiffe://example.org/web", "spiffe://example.org"), names(envoy.next()));
    }

    @Test
    void requestWithoutNamesIsAnsweredWithEverythingByItsId() throws Exception {
        var envoy = Envoy.connect(endpoint());
        envoy.ask();
        assertEquals(
                List.of("spiffe://example.org/web", "spiffe://example.org", "spiffe://abroad.org"),
                names(envoy.next()));
    }

    @Test
    void severalNamesOfOneSecretAreAllAnswered() throws Exception {
        var envoy = Envoy.connect(endpoint());
        envoy.ask("default", "spiffe://example.org/web", "ROOTCA", "spiffe://example.org", "ALL");
        assertEquals(5, names(envoy.next()).size());
    }

    @Test
    void namesOfOthersAreRefusedTogether() throws Exception {
        var endpoint = endpoint();
        endpoint.put(web(endpoint), endpoint.entry("z", "/other", "", TestEndpoint.elsewhere()));
        var envoy = Envoy.connect(endpoint);
        envoy.ask("default", "spiffe://example.org/other", "nothing");
        envoy.assertEnds(
                Code.INVALID_ARGUMENT,
                "workload is not authorized for the requested identities"
                        + " [\"nothing\" \"spiffe://example.org/other\"]");
    }

    @Test
    void processWithoutAnEntryIsDenied() throws Exception {
        var envoy = Envoy.connect(endpoint(Options.standard()));
        envoy.ask("default");
        envoy.assertEnds(Code.PERMISSION_DENIED, "no identity issued");
    }

    @Test
    void processThatCannotBeLookedAtIsToldToComeAgain() throws Exception {
        var envoy = Envoy.connect(endpoint(Options.blind()));
        envoy.assertEnds(Code.UNAVAILABLE, "workload attestation failed");
    }

    @Test
    void anotherTypeIsRefusedAndNothingIsLeftOfIt() throws Exception {
        var endpoint = endpoint();
        var envoy = Envoy.connect(endpoint);
        envoy.send(request("default").setTypeUrl("type.googleapis.com/other"));
        envoy.assertEnds(
                Code.INVALID_ARGUMENT, "type \"type.googleapis.com/other\" is not served; expected " + SecretType.URL);
        assertEquals(0, endpoint.snapshots.listeners());
    }

    @Test
    void rotationIsPushedAndAnAcknowledgementIsNotAnswered() throws Exception {
        var endpoint = endpoint();
        var envoy = Envoy.connect(endpoint);
        envoy.ask("default");
        var first = envoy.next();
        envoy.acknowledge(first, "default");

        endpoint.rotate("a");

        var second = envoy.next();
        assertEquals(
                endpoint.held("a").svid().leaf(),
                svid(secrets(second).getFirst()).leaf());
        assertNotEquals(first.getNonce(), second.getNonce());
        assertEquals("1", first.getVersionInfo());
        assertEquals("2", second.getVersionInfo(), "the acknowledgement was answered");
    }

    @Test
    void refusedSecretIsNotSentAgainUntilItChanges() throws Exception {
        var endpoint = endpoint();
        var envoy = Envoy.connect(endpoint);
        envoy.ask("default");
        var first = envoy.next();
        envoy.send(request("default")
                .setResponseNonce(first.getNonce())
                .setErrorDetail(Status.newBuilder().setMessage("I do not like it")));

        endpoint.rotate("a");

        assertEquals("2", envoy.next().getVersionInfo());
    }

    @Test
    void changeThatDoesNotTouchTheSecretsIsNotSent() throws Exception {
        var endpoint = endpoint();
        var follower = Envoy.connect(endpoint);
        follower.ask("default");
        follower.next();
        var envoy = Envoy.connect(endpoint);
        envoy.ask("ROOTCA");
        envoy.next();

        endpoint.rotate("a");
        follower.next();
        endpoint.trust(new TestDomain(HOME).bundle());

        var changed = envoy.next();
        assertEquals("2", changed.getVersionInfo());
        assertNotEquals(
                endpoint.home.bundle().x509Authorities(),
                authorities(domains(secrets(changed).getFirst()).getFirst()));
    }

    @Test
    void newNamesAreAnsweredOnlyWithTheNonceOfTheLastResponse() throws Exception {
        var envoy = Envoy.connect(endpoint());
        envoy.ask("default");
        var first = envoy.next();
        envoy.acknowledge(first, "default", "ROOTCA");
        var second = envoy.next();
        assertEquals(List.of("default", "ROOTCA"), names(second));

        envoy.acknowledge(first, "ALL");
        envoy.acknowledge(second, "spiffe://example.org");
        assertEquals(List.of("spiffe://example.org"), names(envoy.next()));
    }

    @Test
    void certificateThatIsNotIssuedYetIsWaitedFor() throws Exception {
        var endpoint = endpoint();
        endpoint.forgetSvids();
        var early = assertThrows(StatusException.class, () -> single(endpoint, request("default")));
        assertEquals(Code.UNAVAILABLE, early.getStatus().getCode());
        var envoy = Envoy.connect(endpoint);
        envoy.ask("default");

        endpoint.rotate("a");

        assertEquals(
                endpoint.held("a").svid().leaf(),
                svid(secrets(envoy.next()).getFirst()).leaf());
    }

    @Test
    void lostEntryEndsTheConversation() throws Exception {
        var endpoint = endpoint();
        var envoy = Envoy.connect(endpoint);
        envoy.ask("default");
        envoy.next();
        endpoint.put();
        envoy.assertEnds(Code.PERMISSION_DENIED, "no identity issued");
    }

    @Test
    void clientThatKnowsNoSpiffeValidatorGetsAPlainListOfAuthorities() throws Exception {
        var endpoint = endpoint();
        var wish = Struct.newBuilder()
                .putFields(
                        "disable_spiffe_cert_validation",
                        Value.newBuilder().setBoolValue(true).build());
        var old = Node.newBuilder();
        old.getUserAgentBuildVersionBuilder()
                .getVersionBuilder()
                .setMajorNumber(1)
                .setMinorNumber(17);
        for (var node : List.of(Node.newBuilder().setMetadata(wish), old)) {
            var context = single(endpoint, request("ROOTCA").setNode(node)).getValidationContext();
            assertPlain(endpoint, context);
            var refused = assertThrows(
                    StatusException.class, () -> single(endpoint, request("ALL").setNode(node)));
            assertEquals(Code.INTERNAL, refused.getStatus().getCode());
        }
    }

    private static void assertPlain(TestEndpoint endpoint, CertificateValidationContext context) {
        assertEquals(false, context.hasCustomValidatorConfig());
        assertEquals(
                endpoint.home.bundle().x509Authorities(),
                Pem.parseCertificates(context.getTrustedCa().getInlineBytes().toByteArray()));
    }
}
