// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.sds;

import static io.countersign.agent.TestDomain.ABROAD;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.agent.TestEndpoint;
import io.countersign.agent.TestEndpoint.Options;
import io.countersign.agent.entry.RegistrationEntry;
import io.countersign.sdsapi.discovery.DeltaDiscoveryRequest;
import io.countersign.sdsapi.discovery.DeltaDiscoveryResponse;
import io.countersign.sdsapi.discovery.Resource;
import io.countersign.sdsapi.secret.SecretDiscoveryServiceGrpc;
import io.countersign.sdsapi.tls.Secret;
import io.countersign.spiffe.x509.X509Svid;
import io.grpc.Status.Code;
import io.grpc.StatusException;
import io.grpc.stub.BlockingClientCall;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Incremental SDS conversations over a real socket. */
final class IncrementsTest {
    private static final String ID = "spiffe://example.org/web";
    private static final String DOMAIN = "spiffe://example.org";

    @TempDir
    private Path folder;

    private final List<AutoCloseable> opened = new ArrayList<>();

    @AfterEach
    void close() throws Exception {
        for (var each : opened.reversed()) {
            each.close();
        }
    }

    /** With the identity {@code /web}, which knows the other domain. */
    private TestEndpoint endpoint() throws IOException {
        var endpoint = new TestEndpoint(folder, Options.standard());
        opened.add(endpoint);
        endpoint.put(web(endpoint));
        return endpoint;
    }

    private static RegistrationEntry web(TestEndpoint endpoint) {
        return endpoint.entry("a", "/web", ABROAD);
    }

    /** One open conversation. */
    private record Envoy(BlockingClientCall<DeltaDiscoveryRequest, DeltaDiscoveryResponse> call) {
        static Envoy connect(TestEndpoint endpoint) {
            return new Envoy(SecretDiscoveryServiceGrpc.newBlockingV2Stub(endpoint.channel)
                    .withDeadlineAfter(20, TimeUnit.SECONDS)
                    .deltaSecrets());
        }

        void send(DeltaDiscoveryRequest.Builder request) throws Exception {
            call.write(request.build());
        }

        void subscribe(String... names) throws Exception {
            send(DeltaDiscoveryRequest.newBuilder()
                    .setTypeUrl(SecretType.URL)
                    .addAllResourceNamesSubscribe(List.of(names)));
        }

        DeltaDiscoveryResponse next() throws Exception {
            var response = call.read();
            assertNotNull(response, "the stream ended with OK");
            assertEquals(SecretType.URL, response.getTypeUrl());
            return response;
        }

        void acknowledge(DeltaDiscoveryResponse response) throws Exception {
            send(DeltaDiscoveryRequest.newBuilder().setResponseNonce(response.getNonce()));
        }
    }

    private static List<String> names(DeltaDiscoveryResponse response) {
        return response.getResourcesList().stream().map(Resource::getName).toList();
    }

    private static X509Svid svid(Resource resource) throws Exception {
        var certificate = resource.getResource().unpack(Secret.class).getTlsCertificate();
        return X509Svid.parse(
                certificate.getCertificateChain().getInlineBytes().toByteArray(),
                certificate.getPrivateKey().getInlineBytes().toByteArray());
    }

    @Test
    void rotationBringsTheCertificateAloneAndAnAcknowledgementNothing() throws Exception {
        var endpoint = endpoint();
        var envoy = Envoy.connect(endpoint);
        envoy.subscribe(ID, DOMAIN);
        var first = envoy.next();
        assertEquals(List.of(ID, DOMAIN), names(first));
        envoy.acknowledge(first);

        endpoint.rotate("a");

        var second = envoy.next();
        assertEquals(List.of(ID), names(second));
        assertEquals(
                endpoint.held("a").svid().leaf(), svid(second.getResources(0)).leaf());
        assertNotEquals(first.getNonce(), second.getNonce());
        assertEquals("2", second.getSystemVersionInfo(), "the acknowledgement was answered");
    }

    @Test
    void nameThatIsAddedComesAloneAndOneThatIsGivenUpNoMore() throws Exception {
        var endpoint = endpoint();
        var envoy = Envoy.connect(endpoint);
        envoy.subscribe(ID);
        envoy.next();
        envoy.subscribe(DOMAIN);
        assertEquals(List.of(DOMAIN), names(envoy.next()));

        envoy.send(DeltaDiscoveryRequest.newBuilder()
                .addResourceNamesUnsubscribe(ID)
                .addResourceNamesSubscribe("spiffe://abroad.org"));
        assertEquals(List.of("spiffe://abroad.org"), names(envoy.next()));

        endpoint.rotate("a");
        envoy.subscribe(DOMAIN);
        assertEquals(List.of(DOMAIN), names(envoy.next()));
    }

    @Test
    void clientThatNamesAndNamesIsEnded() throws Exception {
        var envoy = Envoy.connect(endpoint());
        envoy.subscribe(names(4_097));

        var ended = assertThrows(StatusException.class, envoy::next);
        assertEquals(Code.RESOURCE_EXHAUSTED, ended.getStatus().getCode());
    }

    @Test
    void refusalRepeatsNoMoreThanAClientTakes() throws Exception {
        var envoy = Envoy.connect(endpoint());
        envoy.subscribe(names(4_096));

        var ended = assertThrows(StatusException.class, envoy::next);
        assertEquals(Code.INVALID_ARGUMENT, ended.getStatus().getCode());
        assertTrue(String.valueOf(ended.getStatus().getDescription()).endsWith("...]"), ended.toString());
    }

    private static String[] names(int count) {
        return IntStream.range(0, count).mapToObj(i -> "name " + i).toArray(String[]::new);
    }

    @Test
    void nameThatIsAskedForAgainIsAnsweredAgain() throws Exception {
        var envoy = Envoy.connect(endpoint());
        envoy.subscribe(ID, DOMAIN);
        envoy.next();
        envoy.subscribe(ID);
        assertEquals(List.of(ID), names(envoy.next()));
    }

    @Test
    void whoComesAgainIsToldWhatIsNew() throws Exception {
        var endpoint = endpoint();
        var before = Envoy.connect(endpoint);
        before.subscribe(ID, DOMAIN);
        var had = DeltaDiscoveryRequest.newBuilder().addAllResourceNamesSubscribe(List.of(ID, DOMAIN));
        for (var resource : before.next().getResourcesList()) {
            had.putInitialResourceVersions(resource.getName(), resource.getVersion());
        }
        endpoint.rotate("a");
        var again = Envoy.connect(endpoint);
        again.send(had);
        assertEquals(List.of(ID), names(again.next()));
    }

    @Test
    void whoNamesNothingGetsAllAndHearsOfWhatIsGone() throws Exception {
        var endpoint = endpoint();
        var envoy = Envoy.connect(endpoint);
        envoy.subscribe();
        assertEquals(List.of(ID, DOMAIN, "spiffe://abroad.org"), names(envoy.next()));

        endpoint.put(endpoint.entry("a", "/web"));

        var gone = envoy.next();
        assertEquals(List.of(), names(gone));
        assertEquals(List.of("spiffe://abroad.org"), gone.getRemovedResourcesList());
    }

    @Test
    void everythingAndNamesGoTogether() throws Exception {
        var envoy = Envoy.connect(endpoint());
        envoy.subscribe("*", "default");
        assertEquals(
                List.of("default", "spiffe://abroad.org", DOMAIN, ID),
                names(envoy.next()).stream().sorted().toList());
        envoy.send(DeltaDiscoveryRequest.newBuilder()
                .addResourceNamesUnsubscribe("*")
                .addResourceNamesSubscribe("ROOTCA"));
        assertEquals(List.of("ROOTCA"), names(envoy.next()));
    }

    @Test
    void nameOfOthersEndsTheConversation() throws Exception {
        var envoy = Envoy.connect(endpoint());
        envoy.subscribe(ID, "nothing");
        var ended = assertThrows(StatusException.class, envoy.call()::read);
        assertEquals(Code.INVALID_ARGUMENT, ended.getStatus().getCode());
        assertEquals(
                "workload is not authorized for the requested identities [\"nothing\"]",
                ended.getStatus().getDescription());
    }
}
