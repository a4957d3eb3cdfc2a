// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.countersign.serverapi.types.Entry;
import io.countersign.serverapi.types.Selector;
import io.countersign.spiffe.x509.Pem;
import io.countersign.workloadapi.X509Source;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole agent, started with another environment than this one's: names, and authorities of web servers. */
final class AgentProcessTest {
    private static final String NAME = "servers.test";

    @TempDir
    private Path folder;

    private FakeServer server;
    private final AtomicInteger callsOfTwin = new AtomicInteger();

    @BeforeEach
    void open() throws IOException {
        server = FakeServer.start();
        server.tokens.add("token");
        server.change(here("/web"));
    }

    @AfterEach
    void close() throws Exception {
        server.close();
    }

    private Entry.Builder here(String path) {
        var here = TestEndpoint.here();
        var selector = Selector.newBuilder().setType(here.type()).setValue(here.value());
        return server.entry("a", path).clearSelectors().addSelectors(selector);
    }

    private String authorities() {
        return Pem.certificates(server.domain.bundle().x509Authorities());
    }

    private void assertFollows(X509Source source, String path, int revision) {
        server.change(here(path).setRevisionNumber(revision));
        Eventually.holds(path + " is there", () -> source.svid().id().equals(server.domain.id(path)));
    }

    private final class Counting implements ServerInterceptor {
        @Override
        public <Q, A> ServerCall.Listener<Q> interceptCall(
                ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
            callsOfTwin.incrementAndGet();
            return next.startCall(call, headers);
        }
    }

    @Test
    void ofSeveralServersEachIsAskedAndAnyOneMayBeGone() throws Exception {
        var hosts = Files.writeString(folder.resolve("hosts"), "127.0.0.1 " + NAME + "\n127.0.0.2 " + NAME + "\n");
        var boot = Files.writeString(folder.resolve("boot.pem"), authorities());
        var twin = server.twin("127.0.0.2", new Counting());
        try (var agent = AgentProcess.start(
                        folder,
                        NAME,
                        server.port(),
                        "trust_bundle_path = \"" + boot + "\"",
                        List.of("-Djdk.net.hosts.file=" + hosts),
                        Map.of());
                var source = agent.source()) {
            assertEquals(server.domain.id("/web"), source.svid().id());
            Eventually.holds("the second address is asked, too", () -> callsOfTwin.get() > 0);

            server.goAway();
            assertFollows(source, "/without-the-first", 7);

            server.comeBack();
            twin.close();
            assertFollows(source, "/without-the-second", 9);
        } finally {
            twin.close();
        }
    }

    @Test
    void serverIsTrustedByABundleFromTheWeb() throws Exception {
        try (var web = new TestWeb(folder)) {
            web.body = authorities().getBytes(StandardCharsets.US_ASCII);
            try (var agent = AgentProcess.start(
                            folder,
                            "127.0.0.1",
                            server.port(),
                            "trust_bundle_url = \"" + web.address() + "\"",
                            List.of(),
                            Map.of("SSL_CERT_FILE", web.roots.toString()));
                    var source = agent.source()) {
                assertEquals(server.domain.id("/web"), source.svid().id());
                assertEquals(1, web.asked.get());
            }
        }
    }
}
