// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.explain;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.agent.TestEndpoint;
import io.countersign.agent.TestEndpoint.Options;
import io.countersign.agent.attest.WorkloadAttestors;
import io.countersign.agent.cli.AgentCommand;
import io.countersign.agent.config.CallerLimits;
import io.countersign.agent.endpoint.AdminEndpoint;
import io.countersign.agent.entry.RegistrationEntry;
import io.countersign.agent.entry.Selector;
import io.countersign.rpc.RpcServer;
import io.countersign.workloadapi.WorkloadApiException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A refused program of its own on the public socket, and an operator on the admin socket. */
final class ExplainServiceTest {
    @TempDir
    private Path folder;

    private TestEndpoint endpoint;
    private RpcServer admin;

    @BeforeEach
    void start() throws IOException {
        endpoint = new TestEndpoint(folder, Options.standard());
        var attestors = new WorkloadAttestors(
                Options.standard().attestors(), false, CallerLimits.standard(), InstantSource.system());
        var service = new ExplainService(
                attestors, endpoint.snapshots, endpoint.refused, () -> endpoint.home.id("/spire/agent/x"));
        admin = AdminEndpoint.open(folder.resolve("private/admin.sock"), List.of(service.bindService()), List.of());
    }

    @AfterEach
    void stop() throws Exception {
        admin.close();
        endpoint.close();
    }

    private record Said(int code, String out) {}

    private Said explain(String... words) {
        var out = new ByteArrayOutputStream();
        var before = System.out;
        System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
        try {
            var line = new ArrayList<>(List.of("explain"));
            line.addAll(List.of(words));
            line.addAll(
                    List.of("-socketPath", folder.resolve("private/admin.sock").toString()));
            return new Said(AgentCommand.run(line.toArray(String[]::new)), out.toString(StandardCharsets.UTF_8));
        } finally {
            System.setOut(before);
        }
    }

    private RegistrationEntry entry(String id, Selector... selectors) {
        return new RegistrationEntry(
                id, endpoint.home.id("/" + id), Set.of(selectors), Set.of(), "", 1, Instant.EPOCH, false);
    }

    private String refusalId() {
        var refused = assertThrows(WorkloadApiException.class, () -> endpoint.client.fetchX509Context());
        assertEquals("fetch X.509-SVIDs: PERMISSION_DENIED: no identity issued", refused.getMessage());
        var id = refused.refusalId().orElseThrow();
        assertEquals(refused.getMessage() + "; refusal " + id, refused.words());
        return id;
    }

    @Test
    void refusedCallerIsFoundByItsIdWithTheOneDifference() {
        var here = TestEndpoint.here();
        endpoint.put(
                entry("far", new Selector("k8s", "ns:a"), new Selector("k8s", "sa:b")),
                entry("near", TestEndpoint.elsewhere()));

        var id = refusalId();
        var said = explain("-id", id);

        assertEquals(0, said.code(), said::out);
        assertTrue(said.out().contains("refused SpiffeWorkloadAPI/FetchX509SVID at "), said::out);
        assertTrue(said.out().contains("kernel   " + here), said::out);
        assertTrue(said.out().contains("gets no identity"), said::out);
        assertTrue(
                said.out().contains("it wants " + TestEndpoint.elsewhere() + ", the program has " + here), said::out);
        assertTrue(
                said.out()
                        .contains("countersign server entry create -parentID spiffe://example.org/spire/agent/x"
                                + " -spiffeID spiffe://example.org/near -selector " + here),
                said::out);
        assertTrue(said.out().indexOf("entry near") < said.out().indexOf("entry far"), "the nearest first");
        assertTrue(said.out().contains("of the type k8s; is that attestor configured?"), said::out);
    }

    @Test
    void whatTheProgramHasNothingInThePlaceOfIsLeftOutOfTheCommand() {
        var here = TestEndpoint.here();
        endpoint.put(
                entry("partly", here, new Selector("k8s", "ns:a")),
                entry("foreign", new Selector("k8s", "ns:a"), new Selector("unix", "path:/bin/shop")));

        var said = explain("-id", refusalId()).out();

        var create = "countersign server entry create -parentID spiffe://example.org/spire/agent/x -spiffeID ";
        assertTrue(said.contains(create + "spiffe://example.org/partly -selector " + here + "\n"), said);
        // by the strongest that is seen, for want of anything in common
        assertTrue(said.contains(create + "spiffe://example.org/foreign -selector unix:gid:"), said);
        assertTrue(said.contains("has nothing of that kind (left out of the command)"), said);
        assertTrue(said.contains("is that attestor configured? (left out of the command)"), said);
    }

    @Test
    void runningProcessIsExplained() {
        endpoint.put(endpoint.entry("mine", "/mine"));
        var said = explain(Long.toString(ProcessHandle.current().pid()));
        assertEquals(0, said.code());
        assertTrue(said.out().contains("gets spiffe://example.org/mine"), said::out);
        assertFalse(said.out().contains("gets no identity"), said::out);
        assertEquals(1, explain("999999999").code());
    }

    @Test
    void theLastRefusalsAreShownAndNoMoreThanSoMany() {
        endpoint.put(entry("near", TestEndpoint.elsewhere()));
        assertTrue(explain("-refused").out().contains("Nobody was refused."));
        var first = refusalId();
        var second = refusalId();
        var said = explain("-refused", "-last", "1");
        assertTrue(said.out().contains(second), said::out);
        assertFalse(said.out().contains(first), said::out);
        for (int i = 0; i < 256; i++) {
            refusalId();
        }
        assertEquals(256, endpoint.refused.last().size());
        assertEquals(1, explain("-id", first).code());
    }

    @Test
    void commandWantsOneOfTheTwo() {
        assertEquals(1, explain().code());
        assertEquals(1, explain("1", "-refused").code());
    }
}
