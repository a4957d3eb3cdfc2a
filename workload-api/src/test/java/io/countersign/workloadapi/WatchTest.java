// SPDX-License-Identifier: Apache-2.0
package io.countersign.workloadapi;

import static io.countersign.workloadapi.TestAuthority.HOME;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.spiffe.TrustDomain;
import io.countersign.spiffe.bundle.TrustBundle;
import io.countersign.workloadapi.proto.X509BundlesResponse;
import io.countersign.workloadapi.proto.X509SVIDResponse;
import io.grpc.Status;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Watches over streams that break, are refused, and come back. */
final class WatchTest {
    private static final Status NO_IDENTITY = Status.PERMISSION_DENIED.withDescription("no identity issued");

    @TempDir
    private Path folder;

    private final List<AutoCloseable> opened = new ArrayList<>();
    private final TestAuthority home = new TestAuthority(HOME);
    private final Heard<X509Context> heard = new Heard<>();

    @AfterEach
    void close() throws Exception {
        for (var each : opened.reversed()) {
            each.close();
        }
    }

    private <T extends AutoCloseable> T opened(T resource) {
        opened.add(resource);
        return resource;
    }

    private TestAgent agent() throws IOException {
        return opened(new TestAgent(folder.resolve("agent.sock")));
    }

    private WorkloadApiClient client() {
        return opened(WorkloadApiClient.connect("unix://" + folder + "/agent.sock"));
    }

    private X509SVIDResponse response() {
        return home.response(home.issue("/a"));
    }

    private static void assertSame(X509SVIDResponse sent, X509Context seen) {
        assertEquals(Decode.x509Context(sent), seen);
    }

    @Test
    void everyUpdateIsToldInOrder() throws Exception {
        var agent = agent();
        var sent = List.of(response(), response(), response());
        agent.x509.push(sent.get(0));
        opened(client().watchX509Context(heard));
        assertSame(sent.get(0), heard.update());

        agent.x509.push(sent.get(1));
        agent.x509.push(sent.get(2));

        assertSame(sent.get(1), heard.update());
        assertSame(sent.get(2), heard.update());
    }

    @Test
    void bundlesAreFollowed() throws Exception {
        var agent = agent();
        var bundles = new Heard<Map<TrustDomain, TrustBundle>>();
        opened(client().watchX509Bundles(bundles));
        for (var authority : List.of(home, new TestAuthority(HOME))) {
            agent.x509Bundles.push(X509BundlesResponse.newBuilder()
                    .putBundles(HOME.idString(), authority.der())
                    .build());
            assertEquals(Map.of(HOME, authority.bundle()), bundles.update());
        }
    }

    @Test
    void watchOutlivesTheAgentAndFindsTheNextOne() throws Exception {
        var first = agent();
        var before = response();
        first.x509.push(before);
        opened(client().watchX509Context(heard));
        assertSame(before, heard.update());

        first.close();
        opened.remove(first);
        assertEquals(Status.Code.UNAVAILABLE, heard.error().code());

        var after = response();
        var second = agent();
        second.x509.push(after);
        assertSame(after, heard.updateAfterErrors());
        assertEquals(List.of(List.of("true")), second.headers);
    }

    @Test
    void watchWaitsForAnAgentThatComesLater() throws Exception {
        opened(client().watchX509Context(heard));
        assertEquals(Status.Code.UNAVAILABLE, heard.error().code());

        var sent = response();
        agent().x509.push(sent);

        assertSame(sent, heard.updateAfterErrors());
    }

    @ParameterizedTest
    @EnumSource(names = {"PERMISSION_DENIED", "UNAVAILABLE", "RESOURCE_EXHAUSTED"})
    void refusedWorkloadAsksAgainInGrowingPausesUntilItIsServed(Status.Code code) throws Exception {
        var agent = agent();
        agent.x509.refuse(code.toStatus());
        opened(client().watchX509Context(heard));
        for (int i = 0; i < 4; i++) {
            assertEquals(code, heard.error().code());
        }
        var sent = response();
        agent.x509.push(sent);

        assertSame(sent, heard.updateAfterErrors());
        var calls = agent.x509.calls();
        var shortest = Duration.ofMillis(80);
        for (int i = 1; i < 4; i++) {
            var pause = Duration.between(calls.get(i - 1), calls.get(i));
            assertTrue(pause.compareTo(shortest) >= 0, "pause " + i + " is " + pause + " and should be " + shortest);
            shortest = shortest.multipliedBy(3).dividedBy(2);
        }
    }

    @Test
    void streamThatEndsWithOkIsOpenedAgain() throws Exception {
        var agent = agent();
        agent.x509.refuse(Status.OK);
        opened(client().watchX509Context(heard));
        Eventually.holds("asked again", () -> agent.x509.calls().size() > 1);
    }

    @Test
    void requestThatIsWrongIsNotRepeated() throws Exception {
        var agent = agent();
        agent.x509.refuse(Status.INVALID_ARGUMENT.withDescription("security header missing from request"));
        agent.x509Bundles.refuse(NO_IDENTITY);
        var client = client();
        opened(client.watchX509Context(heard));
        assertTrue(heard.error().isFinal());

        var denied = new Heard<Map<TrustDomain, TrustBundle>>();
        opened(client.watchX509Bundles(denied));
        for (int i = 0; i < 4; i++) {
            denied.error();
        }
        assertEquals(1, agent.x509.calls().size(), "asked again while another watch asked four times");
    }

    @Test
    void watcherThatFailsIsToldTheNextUpdateAllTheSame() throws Exception {
        var agent = agent();
        opened(client().watchX509Context(new Watcher<>() {
            private boolean failed;

            @Override
            public void onUpdate(X509Context update) {
                if (!failed) {
                    failed = true;
                    throw new IllegalStateException("this watcher fails once");
                }
                heard.onUpdate(update);
            }

            @Override
            public void onError(WorkloadApiException error) {
                heard.onError(error);
            }
        }));
        Eventually.holds("the watch is open", agent.x509::isFollowed);
        agent.x509.push(response());
        var second = response();
        agent.x509.push(second);

        assertSame(second, heard.update());
    }

    @Test
    void closedWatchLeavesTheAgentAndSaysNothing() throws Exception {
        var agent = agent();
        agent.x509.push(response());
        var watch = client().watchX509Context(heard);
        heard.update();

        watch.close();

        Eventually.holds("the stream is closed", () -> !agent.x509.isFollowed());
        assertTrue(heard.isEmpty());
    }
}
