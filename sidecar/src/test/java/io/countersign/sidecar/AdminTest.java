// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.launch.Log;
import io.countersign.launch.LogSettings;
import io.countersign.sidecar.bootstrap.Bootstrap;
import io.countersign.sidecar.bootstrap.BootstrapFile;
import io.countersign.sidecar.bootstrap.BootstrapFile.NodeOverride;
import io.countersign.sidecar.bootstrap.ListenerConfig;
import io.countersign.sidecar.bootstrap.ListenerConfig.FilterChain;
import io.countersign.sidecar.bootstrap.TlsSettings;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** The admin listener of a sidecar that has its secrets. */
@Timeout(60)
class AdminTest {
    @TempDir
    static Path folder;

    private Hop hop;
    private TestAgent agent;
    private Sidecar sidecar;

    @BeforeEach
    void start() throws Exception {
        hop = new Hop(folder, Hop::echoHeaders);
        agent = hop.agent("a", Hop.BACKEND);
        sidecar = hop.backend("a", text -> text);
    }

    @AfterEach
    void stop() {
        hop.close();
    }

    @Test
    void readyFollowsTheHealthThatWasSet() throws Exception {
        assertEquals("LIVE\n", get("/ready").body());

        post("/healthcheck/fail");
        assertEquals(503, get("/ready").statusCode());

        post("/healthcheck/ok");
        assertEquals(200, get("/ready").statusCode());
    }

    @Test
    void certsNameOwnIdentityAndAuthority() throws Exception {
        var certs = get("/certs").body();

        assertTrue(certs.contains("\"uri\":\"" + Hop.BACKEND + "\""), certs);
        assertTrue(certs.contains("example.org: <inline>"), certs);
        assertTrue(certs.contains("expiration_time"), certs);
    }

    @Test
    void dumpShowsSecretsWithoutTheKey() throws Exception {
        var dump = get("/config_dump").body();

        assertTrue(dump.contains("dynamic_active_secrets"), dump);
        assertTrue(dump.contains("BEGIN CERTIFICATE"), dump);
        assertTrue(dump.contains("W3JlZGFjdGVkXQ=="), dump);
        assertFalse(dump.contains("PRIVATE KEY"), dump);
    }

    @Test
    void clustersAndStatsAreInEnvoysShape() throws Exception {
        int port = hop.app.getAddress().getPort();
        assertTrue(get("/clusters").body().contains("backend::127.0.0.1:" + port + "::health_flags::healthy\n"));

        assertTrue(get("/stats").body().contains("server.live: 1\n"));
        assertTrue(get("/stats/prometheus").body().contains("envoy_server_live"));
        assertEquals("server.live: 1\n", get("/stats?filter=^server.live$").body());
    }

    @Test
    void statsAreChosenByTypeAndNoOptionIsIgnored() throws Exception {
        var live = "/stats?filter=^server.live$";
        assertEquals("server.live: 1\n", get(live + "&type=Gauges").body());
        assertEquals("", get(live + "&type=Counters").body());
        for (var option : List.of("type=Histograms", "type=nonsense", "histogram_buckets=disjoint", "text_readouts")) {
            assertEquals(400, get(live + "&" + option).statusCode(), option);
            assertEquals(400, get("/stats/prometheus?" + option).statusCode(), option);
        }
        assertEquals(400, get("/config_dump?include_eds").statusCode());
    }

    @Test
    void changesWantPost() throws Exception {
        assertEquals(405, get("/quitquitquit").statusCode());
        assertEquals(404, get("/nowhere").statusCode());
    }

    @Test
    void quitEndsTheWaitAndClosesEverything() throws Exception {
        int inbound = sidecar.address("inbound").orElseThrow().getPort();
        var waiting = Thread.ofVirtual().start(() -> {
            try {
                hop.stopping.await(sidecar);
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        });

        assertEquals("OK\n", post("/quitquitquit").body());

        waiting.join();
        assertTrue(refused(inbound));
    }

    @Test
    void readinessOfTheIdentityNamesEachSecret() throws Exception {
        var ready = get("/ready/identity");

        assertEquals(200, ready.statusCode());
        assertTrue(ready.body().startsWith("LIVE\n"), ready.body());
        assertTrue(ready.body().contains("default: valid until 2"), ready.body());
        assertTrue(ready.body().contains("ROOTCA: there\n"), ready.body());
    }

    @Test
    void identityThatHasRunOutIsNotReady() throws Exception {
        var yesterday = Instant.now().minus(Duration.ofDays(1));
        agent.identity(hop.authority.issue(Hop.BACKEND, yesterday));

        Hop.await("the expired identity", () -> body("/ready/identity").contains("default: expired at 2"));

        assertEquals(503, get("/ready/identity").statusCode());
        assertEquals(200, get("/ready").statusCode());
    }

    @Test
    void secretsThatCannotBeUsedAreNotReady() throws Exception {
        sidecar = hop.open(
                withCurve(BootstrapFile.parse(hop.backendFile("a"), "test.yaml", NodeOverride.NONE), "nonsense"));
        sidecar.start();

        var ready = get("/ready/identity");

        assertEquals(503, ready.statusCode());
        assertTrue(ready.body().contains("default: valid until 2"), ready.body());
        assertTrue(ready.body().contains("\nlistener.127.0.0.1_0: cannot use the new secrets: "), ready.body());
        assertEquals(200, get("/ready").statusCode());
    }

    /** In the place of those that its first listener takes. */
    @SuppressWarnings("NullAway") // it does not see that values of the last part may be null once that is compiled
    private static Bootstrap withCurve(Bootstrap read, String curve) {
        var listener = read.listeners().getFirst();
        var chain = listener.chains().getFirst();
        var settings = chain.tls().orElseThrow();
        var common = settings.common();
        var changed = new TlsSettings(
                common.certificate(),
                common.validation(),
                common.least(),
                common.most(),
                common.ciphers(),
                List.of(curve),
                common.alpn());
        var tls = new TlsSettings.Downstream(changed, settings.requireClientCertificate());
        var chains = List.of(new FilterChain(chain.match(), Optional.of(tls), chain.rbac(), chain.protocol()));
        var other = new ListenerConfig(
                listener.name(),
                listener.address(),
                listener.direction(),
                listener.bufferBytes(),
                chains,
                listener.otherwise(),
                listener.patience(),
                listener.accessLogs());
        return new Bootstrap(read.node(), read.own(), read.admin(), List.of(other), read.clusters(), read.source());
    }

    @Test
    void whoWasRefusedIsSaidWithWhoWouldHaveBeenLetIn() throws Exception {
        hop.agent("b", "spiffe://example.org/stranger");
        var demanding = hop.start(
                hop.backendFile("a"),
                text -> text.replace("prefix: \"spiffe://example.org/\"", "exact: \"" + Hop.FRONTEND + "\""));
        var stranger = hop.frontend("b", demanding, text -> text);

        assertEquals(503, hop.get(stranger, "/").statusCode());

        var refused = hop.admin(demanding, "/refused_peers");
        assertTrue(refused.contains("\"shown\":[\"spiffe://example.org/stranger\"]"), refused);
        assertTrue(refused.contains("\"allowed\":[\"" + Hop.FRONTEND + "\"]"), refused);
        assertTrue(refused.contains("\"reason\":\"verify cert failed: SAN match\""), refused);
        assertTrue(refused.contains("\"times\":1"), refused);
    }

    @Test
    void clustersTellEachEndpointsOwnShare() throws Exception {
        try (var plain = new Hop(folder, Hop::echoHeaders);
                var gone = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            int port = plain.app.getAddress().getPort();
            int closed = gone.getLocalPort();
            gone.close();
            var two = plain.start(PlainFile.of("timeout: 20s", "", port, closed), text -> text);
            for (int i = 0; i < 4; i++) {
                plain.get(two, "/");
            }

            var clusters = plain.admin(two, "/clusters");

            var good = "app::127.0.0.1:" + port + "::";
            assertTrue(
                    clusters.contains(good + "cx_active::1\n" + good + "cx_connect_fail::0\n" + good + "cx_total::1\n"
                            + good + "rq_active::0\n" + good + "rq_error::0\n" + good + "rq_success::2\n" + good
                            + "rq_total::2\n" + good + "health_flags::healthy\n" + good + "weight::1\n"),
                    clusters);
            var bad = "app::127.0.0.1:" + closed + "::";
            assertTrue(
                    clusters.contains(bad + "cx_active::0\n" + bad + "cx_connect_fail::2\n" + bad + "cx_total::2\n"
                            + bad + "rq_active::0\n" + bad + "rq_error::2\n" + bad + "rq_success::0\n" + bad
                            + "rq_total::0\n"),
                    clusters);
            assertTrue(clusters.contains("app::default_priority::max_pending_requests::1024\n"), clusters);
            var json = plain.admin(two, "/clusters?format=json");
            assertTrue(json.contains("{\"name\":\"rq_success\",\"value\":\"2\"}"), json);
            assertTrue(json.contains("{\"name\":\"rq_active\",\"type\":\"GAUGE\"}"), json);
        }
    }

    @Test
    void dumpIsCutToWhatIsAskedFor() throws Exception {
        var secrets =
                get("/config_dump?resource=dynamic_active_secrets&mask=name").body();
        assertEquals(
                "{\"configs\":[{\"@type\":\"type.googleapis.com/envoy.admin.v3.SecretsConfigDump.DynamicSecret\","
                        + "\"name\":\"ROOTCA\"}]}",
                get("/config_dump?resource=dynamic_active_secrets&mask=name&name_regex=ROOT.*")
                        .body());
        assertTrue(secrets.contains("\"name\":\"default\""), secrets);
        assertTrue(secrets.contains("\"name\":\"ROOTCA\""), secrets);
        assertEquals(
                "{}",
                get("/config_dump?resource=dynamic_active_secrets&name_regex=ROOT")
                        .body());
        assertEquals(
                "{\"configs\":[{\"@type\":\"type.googleapis.com/envoy.admin.v3.BootstrapConfigDump\","
                        + "\"bootstrap\":{\"node\":{\"id\":\"backend\"}}}]}",
                get("/config_dump?mask=bootstrap.node.id").body());
        var listeners = get("/config_dump?resource=static_listeners").body();
        assertTrue(listeners.contains("ListenersConfigDump.StaticListener"), listeners);
        assertTrue(listeners.contains("\"name\":\"inbound\""), listeners);
    }

    @Test
    void dumpThatCannotBeGivenIsRefusedWithWords() throws Exception {
        for (var question :
                List.of("mask=zz", "resource=static_clusters&mask=zz", "resource=bootstrap", "name_regex=(")) {
            var answer = get("/config_dump?" + question);
            assertEquals(400, answer.statusCode(), question);
            assertFalse(answer.body().isBlank(), question);
        }
        var unknown = get("/config_dump?resource=dynamic_routes");
        assertEquals(404, unknown.statusCode());
        assertTrue(unknown.body().startsWith("dynamic_routes not found in config dump"), unknown.body());
    }

    @Test
    void levelOfTheLogChangesAndWhereItGoesDoesNot() throws Exception {
        var log = folder.resolve("program.log");
        Log.configure(new LogSettings(LogSettings.Level.INFO, LogSettings.Format.TEXT, Optional.of(log)));
        try {
            assertEquals(200, post("/logging?level=debug").statusCode());

            LoggerFactory.getLogger(AdminTest.class).debug("still here");

            assertTrue(Files.readString(log).contains("DEBUG still here"));
        } finally {
            Log.configure(LogSettings.standard());
        }
    }

    @Test
    void levelsOfPartsAreRefusedByName() throws Exception {
        var answer = post("/logging?paths=rbac:debug");

        assertEquals(400, answer.statusCode());
        assertTrue(answer.body().startsWith("paths is not supported"), answer.body());
        assertEquals(400, post("/logging?level=loud").statusCode());
    }

    private static boolean refused(int port) throws IOException {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return false;
        } catch (ConnectException e) {
            return true;
        }
    }

    private HttpResponse<String> get(String path) throws Exception {
        return hop.client.send(admin(path).build(), BodyHandlers.ofString());
    }

    private HttpResponse<String> post(String path) throws Exception {
        return hop.client.send(
                admin(path).POST(HttpRequest.BodyPublishers.noBody()).build(), BodyHandlers.ofString());
    }

    private String body(String path) {
        try {
            return get(path).body();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private HttpRequest.Builder admin(String path) {
        int port = sidecar.adminAddress().orElseThrow().getPort();
        return HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + port + path.replace("^", "%5E").replace("$", "%24")));
    }
}
