// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.upstream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.sidecar.bootstrap.BootstrapFile;
import io.countersign.sidecar.bootstrap.BootstrapFile.NodeOverride;
import io.countersign.sidecar.bootstrap.Cluster;
import io.countersign.sidecar.stats.Stats;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class EndpointsTest {
    private static final int TRIALS = 400;
    private static final SocketAddress BUSY = new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 1);
    private static final SocketAddress IDLE = new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 2);

    private static Cluster cluster(String fields, String type, String host) {
        var text = """
                node: {id: x, cluster: y}
                static_resources:
                  clusters:
                  - name: app
                    type: %s
                    %s
                    load_assignment:
                      endpoints:
                      - lb_endpoints:
                        - {endpoint: {address: {socket_address: {address: "%s", port_value: 1}}}}
                        - {endpoint: {address: {socket_address: {address: "%s", port_value: 2}}}}
                """.formatted(type, fields, host, host);
        return Objects.requireNonNull(BootstrapFile.parse(text, "test.yaml", NodeOverride.NONE)
                .clusters()
                .get("app"));
    }

    private static List<SocketAddress> taken(String policy) throws InterruptedException {
        var cluster = cluster("lb_policy: " + policy, "STATIC", "127.0.0.1");
        try (var endpoints = new Endpoints(cluster, new Stats(), endpoint -> endpoint.equals(BUSY) ? 7 : 0)) {
            endpoints.start();
            endpoints.awaitFirst();
            var taken = new ArrayList<SocketAddress>();
            for (int i = 0; i < TRIALS; i++) {
                taken.add(endpoints.next().orElseThrow());
            }
            return taken;
        }
    }

    private static long busy(List<SocketAddress> taken) {
        return taken.stream().filter(BUSY::equals).count();
    }

    @Test
    void inTurn() throws Exception {
        var taken = taken("ROUND_ROBIN");

        assertEquals(List.of(BUSY, IDLE, BUSY, IDLE), taken.subList(0, 4));
        assertEquals(TRIALS / 2, busy(taken));
    }

    @Test
    void byChance() throws Exception {
        var taken = taken("RANDOM");

        assertTrue(busy(taken) > TRIALS / 5 && busy(taken) < TRIALS * 4 / 5, taken::toString);
        assertNotEquals(taken("ROUND_ROBIN"), taken);
    }

    /** Of two that chance names, which may be the same, as with Envoy. */
    @Test
    void byWhatIsUnderWay() throws Exception {
        var taken = taken("LEAST_REQUEST");

        assertTrue(busy(taken) > 0 && busy(taken) < TRIALS * 2 / 5, taken::toString);
    }

    @ParameterizedTest
    @CsvSource({
        "V4_ONLY,127.0.0.1,2",
        "V4_ONLY,::1,0",
        "V6_ONLY,127.0.0.1,0",
        "V6_ONLY,::1,2",
        "V4_PREFERRED,127.0.0.1,2",
        "V4_PREFERRED,::1,2",
        "ALL,::1,2",
        "AUTO,127.0.0.1,2"
    })
    void namesGiveAddressesOfTheFamilyThatIsAskedFor(String family, String host, int count) throws Exception {
        var cluster = cluster("dns_lookup_family: " + family, "STRICT_DNS", host);
        try (var endpoints = new Endpoints(cluster, new Stats(), _ -> 0)) {
            endpoints.start();
            endpoints.awaitFirst();

            assertEquals(count, endpoints.all().size());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"V4_ONLY", "V6_ONLY"})
    void addressesThatStandInTheFileAreTakenAsTheyAre(String family) throws Exception {
        var cluster = cluster("dns_lookup_family: " + family, "STATIC", "127.0.0.1");
        try (var endpoints = new Endpoints(cluster, new Stats(), _ -> 0)) {
            endpoints.start();

            assertEquals(List.of(BUSY, IDLE), endpoints.all());
        }
    }

    @Test
    void ofANameWithBothTheOlderFamilyMayBePreferred() throws Exception {
        var both = List.of(InetAddress.ofLiteral("::1"), InetAddress.ofLiteral("127.0.0.1"));

        assertEquals(both.subList(1, 2), Cluster.Families.V4_PREFERRED.of(both));
        assertEquals(both, Cluster.Families.ALL.of(both));
    }
}
