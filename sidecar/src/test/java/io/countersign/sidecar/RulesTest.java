// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Rules for connections and for requests, and those that are only tried. */
@Timeout(60)
class RulesTest {
    private static final String ANYBODY = "permissions: [{any: true}], principals: [{any: true}]";
    private static final String NOBODY =
            "permissions: [{any: true}], principals: [{direct_remote_ip: {address_prefix: 192.0.2.0, prefix_len: 24}}]";

    @TempDir
    Path folder;

    private static String rules(String name, String action, String policy, String who) {
        return name + ": {action: " + action + ", policies: {" + policy + ": {" + who + "}}}";
    }

    private static Hop asked(Path folder, AtomicInteger asked) throws Exception {
        return new Hop(folder, exchange -> {
            asked.incrementAndGet();
            Hop.echoHeaders(exchange);
        });
    }

    private Sidecar guarded(Hop hop, String rules) throws Exception {
        var guard =
                "{name: guard, typed_config: {\"@type\": type.googleapis.com/envoy.extensions.filters.network.rbac.v3"
                        + ".RBAC, stat_prefix: net, shadow_rules_stat_prefix: tried, " + rules + "}}";
        var log = AccessLines.field(folder.resolve("log"), "%CONNECTION_TERMINATION_DETAILS% %RESPONSE_FLAGS%");
        return hop.start(
                PlainFile.of("timeout: 20s", "", hop.app.getAddress().getPort()),
                text -> text.replaceFirst("( *)- filters:\n( *)- ", "$1- filters:\n$2- " + guard + "\n$2- ")
                        .replaceFirst("( *)filter_chains:", "$1" + log.replace("\\", "\\\\") + "\n$1filter_chains:"));
    }

    private static int firstByte(Sidecar sidecar) throws Exception {
        int port = sidecar.address("outbound").orElseThrow().getPort();
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(10_000);
            return socket.getInputStream().read();
        }
    }

    @Test
    void connectionThatNoPolicyLetsInIsClosedBeforeAnybodyHearsOfIt() throws Exception {
        var asked = new AtomicInteger();
        try (var hop = asked(folder, asked)) {
            var sidecar = guarded(
                    hop,
                    rules("rules", "ALLOW", "far", NOBODY) + ", " + rules("shadow_rules", "ALLOW", "all", ANYBODY));

            assertEquals(-1, firstByte(sidecar));

            Hop.await(
                    "the line",
                    () -> AccessLines.in(folder.resolve("log")).equals("rbac_access_denied_matched_policy[none] -\n"));
            var stats = hop.admin(sidecar, "/stats");
            assertTrue(stats.contains("net.rbac.denied: 1\n"), stats);
            assertTrue(stats.contains("net.rbac.tried.shadow_allowed: 1\n"), stats);
            assertFalse(stats.contains("http.out.downstream_cx_total"), stats);
            assertEquals(0, asked.get());
        }
    }

    @Test
    void policyThatKeepsAConnectionOutIsNamed() throws Exception {
        try (var hop = new Hop(folder, Hop::echoHeaders)) {
            var sidecar = guarded(hop, rules("rules", "DENY", "nobody", ANYBODY));

            assertEquals(-1, firstByte(sidecar));

            Hop.await(
                    "the line",
                    () -> AccessLines.in(folder.resolve("log"))
                            .equals("rbac_access_denied_matched_policy[nobody] -\n"));
        }
    }

    @Test
    void rulesThatAreTriedOnlyKeepNoConnectionOut() throws Exception {
        try (var hop = new Hop(folder, Hop::echoHeaders)) {
            var sidecar = guarded(hop, rules("shadow_rules", "ALLOW", "far", NOBODY));

            assertEquals(200, hop.get(sidecar, "/").statusCode());

            var stats = hop.admin(sidecar, "/stats");
            assertTrue(stats.contains("net.rbac.tried.shadow_denied: 1\n"), stats);
            assertFalse(stats.contains("net.rbac.denied"), stats);
        }
    }

    private Sidecar judged(Hop hop, String rules) throws Exception {
        var filter = "{name: roles, typed_config: {\"@type\": type.googleapis.com/envoy.extensions.filters.http.rbac.v3"
                + ".RBAC, " + rules + "}}";
        var log = AccessLines.field(
                folder.resolve("log"), "%RESPONSE_CODE_DETAILS% %DYNAMIC_METADATA(envoy.filters.http.rbac)%");
        return hop.start(
                PlainFile.of("timeout: 20s", "", hop.app.getAddress().getPort()),
                text -> text.replaceFirst("( *)http_filters:\n( *)- ", "$1http_filters:\n$2- " + filter + "\n$2- ")
                        .replaceFirst("( *)stat_prefix: out", "$1stat_prefix: out\n$1" + log.replace("\\", "\\\\")));
    }

    @Test
    void rulesThatAreTriedOnlyAreCountedAndLoggedAndLetTheRequestGoOn() throws Exception {
        var asked = new AtomicInteger();
        try (var hop = asked(folder, asked)) {
            var sidecar = judged(
                    hop,
                    rules("rules", "ALLOW", "all", ANYBODY) + ", " + rules("shadow_rules", "ALLOW", "far", NOBODY));

            assertEquals(200, hop.get(sidecar, "/").statusCode());

            assertEquals(1, asked.get());
            Hop.await(
                    "the line",
                    () -> AccessLines.in(folder.resolve("log"))
                            .equals("via_upstream {\"enforced_effective_policy_id\":\"all\","
                                    + "\"enforced_engine_result\":\"allowed\",\"shadow_engine_result\":\"denied\"}\n"));
            var stats = hop.admin(sidecar, "/stats");
            assertTrue(stats.contains("http.out.rbac.allowed: 1\n"), stats);
            assertTrue(stats.contains("http.out.rbac.shadow_denied: 1\n"), stats);
        }
    }

    @Test
    void policyThatDecidesIsCountedByNameIfTheFileAsksForIt() throws Exception {
        try (var hop = new Hop(folder, Hop::echoHeaders)) {
            var sidecar = judged(
                    hop,
                    "track_per_rule_stats: true, shadow_rules_stat_prefix: tried, "
                            + rules("rules", "ALLOW", "all", ANYBODY) + ", "
                            + rules("shadow_rules", "DENY", "everybody", ANYBODY));

            assertEquals(200, hop.get(sidecar, "/").statusCode());

            var stats = hop.admin(sidecar, "/stats");
            assertTrue(stats.contains("http.out.rbac.allowed: 1\n"), stats);
            assertTrue(stats.contains("http.out.rbac.policy.all.allowed: 1\n"), stats);
            assertTrue(stats.contains("http.out.rbac.tried.shadow_denied: 1\n"), stats);
            assertTrue(stats.contains("http.out.rbac.tried.policy.everybody.shadow_denied: 1\n"), stats);
        }
        try (var hop = new Hop(folder, Hop::echoHeaders)) {
            var sidecar = judged(hop, rules("rules", "ALLOW", "all", ANYBODY));

            assertEquals(200, hop.get(sidecar, "/").statusCode());

            var stats = hop.admin(sidecar, "/stats");
            assertFalse(stats.contains("rbac.policy."), stats);
        }
    }

    @Test
    void requestThatIsTurnedAwayIsAlsoTried() throws Exception {
        var asked = new AtomicInteger();
        try (var hop = asked(folder, asked)) {
            var sidecar = judged(
                    hop,
                    rules("rules", "DENY", "all", ANYBODY) + ", " + rules("shadow_rules", "ALLOW", "any", ANYBODY));

            var answer = hop.get(sidecar, "/");

            assertEquals(403, answer.statusCode());
            assertEquals("RBAC: access denied", answer.body());
            assertEquals(0, asked.get());
            Hop.await(
                    "the line",
                    () -> AccessLines.in(folder.resolve("log"))
                            .equals("rbac_access_denied_matched_policy[all] {\"enforced_effective_policy_id\":\"all\","
                                    + "\"enforced_engine_result\":\"denied\",\"shadow_effective_policy_id\":\"any\","
                                    + "\"shadow_engine_result\":\"allowed\"}\n"));
            assertTrue(hop.admin(sidecar, "/stats").contains("http.out.rbac.shadow_allowed: 1\n"));
        }
    }
}
