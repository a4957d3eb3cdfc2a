// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.identity;

import static io.countersign.agent.TestDomain.HOME;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.countersign.agent.FakeServer;
import io.countersign.agent.config.AgentConfig.Tokens;
import io.countersign.agent.entry.RegistrationEntry;
import io.countersign.agent.entry.Selector;
import io.countersign.agent.server.Server;
import io.countersign.agent.server.ServerConnection;
import io.countersign.serverapi.types.PermissionDeniedDetails.Reason;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Kept tokens, asked for over a real wire; a token lives for five minutes. */
final class JwtSvidsTest {
    private static final Duration HALF = Duration.ofSeconds(150);

    private FakeServer server;
    private ManagedChannel channel;
    private Set<String> tainted = Set.of();
    private final Map<String, RegistrationEntry> entries = new HashMap<>();

    @BeforeEach
    void open() throws Exception {
        server = FakeServer.start();
        var node = server.domain.issue("/spire/agent/join_token/x");
        channel = new ServerConnection("127.0.0.1", server.port(), HOME).asNode(() -> node, server.domain.bundle());
    }

    @AfterEach
    void close() throws Exception {
        channel.shutdownNow();
        server.close();
    }

    private JwtSvids tokens(int most) {
        return new JwtSvids(
                new Server(channel),
                () -> tainted,
                new Tokens(most, Duration.ofSeconds(30), Duration.ofSeconds(30)),
                server.clock);
    }

    private RegistrationEntry entry(String id) {
        server.change(server.entry(id, "/" + id));
        var entry = new RegistrationEntry(
                id,
                server.domain.id("/" + id),
                Set.of(new Selector("unix", "uid:1")),
                Set.of(),
                "",
                1,
                Instant.EPOCH,
                false);
        entries.put(id, entry);
        return entry;
    }

    private Snapshot snapshot() {
        return new Snapshot(1, HOME, entries, Map.of(), Map.of());
    }

    @Test
    void aUsedTokenIsRenewedAheadSoThatNobodyWaits() throws Exception {
        var tokens = tokens(10);
        var web = entry("web");
        var first = tokens.fetch(web, List.of("x"));

        server.clock.advance(HALF.minusSeconds(1));
        tokens.refresh(snapshot());
        assertEquals(1, server.tokensIssued.get());
        server.clock.advance(Duration.ofSeconds(1));
        tokens.refresh(snapshot());
        assertEquals(2, server.tokensIssued.get());

        server.goAway();
        assertNotEquals(first, tokens.fetch(web, List.of("x")));
    }

    @Test
    void whoHasNoTokenYetWaitsForAServerThatIsStarting() throws Exception {
        var tokens = tokens(10);
        var web = entry("web");
        server.goAway();
        var first = CompletableFuture.supplyAsync(() -> tokens.fetch(web, List.of("x")));
        assertThrows(TimeoutException.class, () -> first.get(500, TimeUnit.MILLISECONDS));

        server.comeBack();

        assertEquals(web.spiffeId(), first.get(20, TimeUnit.SECONDS).id());
    }

    /** Of two servers one has seen the certificate that the node has just got, and the other is still asked with the old one. */
    @Test
    void aCallThatWasOvertakenByTheNodesRenewalIsMadeOnceMore() {
        var web = entry("web");
        server.refuseOnce(Reason.AGENT_NOT_ACTIVE);
        assertEquals(web.spiffeId(), tokens(10).fetch(web, List.of("x")).id());

        server.refuse(Reason.AGENT_NOT_ACTIVE);
        var refused =
                assertThrows(StatusRuntimeException.class, () -> tokens(10).fetch(web, List.of("x")));
        assertEquals(Status.Code.PERMISSION_DENIED, refused.getStatus().getCode());
    }

    @Test
    void aTokenThatNobodyUsesAnyMoreIsRenewedOnceAndForgotten() {
        var tokens = tokens(10);
        var _ = tokens.fetch(entry("web"), List.of("x"));
        for (int i = 0; i < 5; i++) {
            server.clock.advance(HALF);
            tokens.refresh(snapshot());
        }
        assertEquals(2, server.tokensIssued.get());
        assertEquals(0, tokens.count());
    }

    @Test
    void theOneUsedLongestAgoMakesRoomAndARenewalMakesNone() {
        var tokens = tokens(2);
        var web = entry("web");
        var one = tokens.fetch(web, List.of("1"));
        var two = tokens.fetch(web, List.of("2"));
        assertEquals(one, tokens.fetch(web, List.of("1")));

        var three = tokens.fetch(web, List.of("3"));

        assertEquals(2, tokens.count());
        assertEquals(one, tokens.fetch(web, List.of("1")));
        assertEquals(three, tokens.fetch(web, List.of("3")));
        assertNotEquals(two, tokens.fetch(web, List.of("2")));

        server.clock.advance(HALF);
        tokens.refresh(snapshot());
        assertEquals(2, tokens.count());
    }

    @Test
    void theTokenOfALostEntryIsForgotten() {
        var tokens = tokens(10);
        var _ = tokens.fetch(entry("web"), List.of("x"));
        entries.clear();
        tokens.refresh(snapshot());
        assertEquals(0, tokens.count());
    }

    @Test
    void aTokenForAnotherIdentityThanTheEntrysIsNeitherGivenNorKept() {
        var tokens = tokens(10);
        var web = entry("web");
        var unique =
                new RegistrationEntry("web", web.spiffeId(), web.selectors(), Set.of(), "", 1, Instant.EPOCH, true);
        server.signedAs.put("web", "/other");
        for (var each : List.of(web, unique)) {
            var refused = assertThrows(StatusRuntimeException.class, () -> tokens.fetch(each, List.of("x")));
            assertEquals(Status.Code.UNAVAILABLE, refused.getStatus().getCode());
        }
        assertEquals(0, tokens.count());

        server.signedAs.clear();
        var first = tokens.fetch(web, List.of("x"));
        server.signedAs.put("web", "/other");
        server.clock.advance(HALF);
        assertEquals(first, tokens.fetch(web, List.of("x")));
        tokens.refresh(snapshot());
        assertEquals(first, tokens.fetch(web, List.of("x")));
    }

    @Test
    void aTokenOfATaintedAuthorityIsReplacedAtOnce() {
        var tokens = tokens(10);
        var web = entry("web");
        var first = tokens.fetch(web, List.of("x"));
        tainted = Set.of(server.bundle().jwtAuthorities().getFirst().keyId());

        tokens.refresh(snapshot());
        assertEquals(2, server.tokensIssued.get());
        assertNotEquals(first, tokens.fetch(web, List.of("x")));
    }
}
