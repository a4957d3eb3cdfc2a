// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.attest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.countersign.agent.Eventually;
import io.countersign.agent.TestEndpoint;
import io.countersign.agent.TestEndpoint.Options;
import io.countersign.agent.delegated.DelegatedIdentityService;
import io.countersign.agent.endpoint.AdminEndpoint;
import io.countersign.agent.entry.Selector;
import io.countersign.agentapi.delegated.DelegatedIdentityGrpc;
import io.countersign.agentapi.delegated.SubscribeToX509SVIDsRequest;
import io.countersign.rpc.Peer;
import io.countersign.rpc.RpcServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real processes that are, when they are answered, not what they were when they connected; nobody else is harmed. */
final class CallerAttackTest {
    private static final long KEPT_SECONDS = 5;
    private static final Path LAST_PID = Path.of("/proc/sys/kernel/ns_last_pid");
    private static final int STORM = 5_000;

    @TempDir
    private Path folder;

    private final AtomicInteger looks = new AtomicInteger();
    private TestEndpoint endpoint;

    @BeforeEach
    void start() throws IOException {
        var unix = new UnixAttestor(false, 0, new NameService(InstantSource.system()));
        endpoint = new TestEndpoint(folder, Options.of(new WorkloadAttestor() {
            @Override
            public String name() {
                return unix.name();
            }

            @Override
            public Map<Selector, Assurance> attest(Peer.LocalProcess process) throws IOException, InterruptedException {
                looks.incrementAndGet();
                return unix.attest(process);
            }
        }));
        endpoint.put(endpoint.entry("e", "/e"));
    }

    @AfterEach
    void stop() throws Exception {
        endpoint.close();
    }

    private void assertOthersAreServed() {
        assertEquals(
                endpoint.home.id("/e"),
                endpoint.client.fetchX509Context().svids().getFirst().id());
    }

    private void assertNothingIsServed() {
        Eventually.holds("nobody listens for it", () -> endpoint.snapshots.listeners() == 0);
    }

    private static void assertNoAnswer(RawCaller caller) throws IOException {
        assertNotEquals("DATA", caller.line());
    }

    private static void assertClosedWithoutAnAnswer(RawCaller caller) throws IOException {
        var line = caller.line();
        while (!line.equals("CLOSED")) {
            assertNotEquals("DATA", line);
            line = caller.line();
        }
    }

    private static void requireRoot() throws IOException {
        assumeTrue(
                Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0), "another user can be become by root");
    }

    @Test
    void honestCallerIsAnsweredAndAnsweredAgain() throws Exception {
        try (var caller = RawCaller.start(folder, "stay")) {
            assertEquals("DATA", caller.line());
            endpoint.rotate("e");
            assertEquals("DATA", caller.line());
        }
    }

    @Test
    void callerThatIsAnotherUserThanTheOneWhoConnectedGetsNothing() throws Exception {
        requireRoot();
        try (var caller = RawCaller.start(folder, "user", "4242")) {
            assertEquals("REFUSED", caller.line());
        }
        assertOthersAreServed();
    }

    @Test
    void streamEndsWhenItsCallerBecomesAnotherUser() throws Exception {
        requireRoot();
        try (var caller = RawCaller.start(folder, "late", "4242")) {
            assertEquals("DATA", caller.line());
            assertEquals("CHANGED", caller.line());
            endpoint.rotate("e");
            assertNoAnswer(caller);
            assertNothingIsServed();
        }
        assertOthersAreServed();
    }

    @Test
    void streamEndsWhenItsCallerExecutesSomethingElse() throws Exception {
        try (var caller = RawCaller.start(folder, "other")) {
            assertEquals("DATA", caller.line());
            assertEquals("AGAIN", caller.line());
            endpoint.rotate("e");
            assertNoAnswer(caller);
            assertNothingIsServed();
        }
        assertOthersAreServed();
    }

    /** A delegate, which asks for the certificates of everything that this process's user runs. */
    private RpcServer admin() throws IOException {
        endpoint.put(endpoint.entry("e", "/e"), endpoint.entry("d", "/delegate"));
        var delegated = new DelegatedIdentityService(
                endpoint.attestors, Set.of(endpoint.home.id("/delegate")), endpoint.snapshots, endpoint.tokens);
        return AdminEndpoint.open(folder.resolve("admin.sock"), List.of(delegated.bindService()), List.of());
    }

    private RawCaller delegate(String... words) throws IOException {
        var here = TestEndpoint.here();
        var selector = io.countersign.serverapi.types.Selector.newBuilder()
                .setType(here.type())
                .setValue(here.value());
        return RawCaller.start(
                folder,
                "admin.sock",
                DelegatedIdentityGrpc.getSubscribeToX509SVIDsMethod(),
                SubscribeToX509SVIDsRequest.newBuilder().addSelectors(selector).build(),
                words);
    }

    @Test
    void delegateIsAnsweredAndAnsweredAgain() throws Exception {
        try (var admin = admin();
                var caller = delegate("stay")) {
            assertEquals("DATA", caller.line());
            endpoint.rotate("e");
            assertEquals("DATA", caller.line());
        }
    }

    @Test
    void delegateLosesItsStreamWhenItBecomesAnotherUser() throws Exception {
        requireRoot();
        try (var admin = admin();
                var caller = delegate("late", "4242")) {
            assertEquals("DATA", caller.line());
            assertEquals("CHANGED", caller.line());
            endpoint.rotate("e");
            assertNoAnswer(caller);
            assertNothingIsServed();
        }
    }

    @Test
    void delegateLosesItsStreamWhenItExecutesSomethingElse() throws Exception {
        try (var admin = admin();
                var caller = delegate("other")) {
            assertEquals("DATA", caller.line());
            assertEquals("AGAIN", caller.line());
            endpoint.rotate("e");
            assertNoAnswer(caller);
            assertNothingIsServed();
        }
    }

    @Test
    void heirOfAConnectionGetsNothing() throws Exception {
        try (var caller = RawCaller.start(folder, "heir")) {
            assertEquals("PARENT " + caller.pid(), caller.line());
            assertClosedWithoutAnAnswer(caller);
        }
        assertOthersAreServed();
    }

    @Test
    void laterProcessWithTheNumberOfTheOneThatConnectedDoesNotVouchForItsHeir() throws Exception {
        assumeTrue(Files.isWritable(LAST_PID), "the next process number cannot be chosen here");
        try (var caller = RawCaller.start(folder, "heirs")) {
            assertEquals("PARENT " + caller.pid(), caller.line());
            caller.await();
            try (var later = processNumbered(caller.pid())) {
                assertEquals(caller.pid(), later.peer().pid());
                caller.letAsk();
                assertClosedWithoutAnAnswer(caller);
                // on a kernel without pidfds it is the start time that tells them apart
                var first = new Peer.LocalProcess(
                        caller.pid(),
                        later.peer().uid(),
                        later.peer().gid(),
                        later.peer().startTime() - 1);
                assertFalse(first.isStillThere());
            }
        }
        assertOthersAreServed();
    }

    /** Other programs of the machine may take the number first; then it comes around again. */
    private static Child processNumbered(int pid) throws IOException, InterruptedException {
        for (int i = 0; i < 200; i++) {
            Files.writeString(LAST_PID, Integer.toString(pid - 1));
            var child = Child.start("cat");
            if (child.peer().pid() == pid) {
                return child;
            }
            child.close();
        }
        throw new IOException("number " + pid + " was not to be had");
    }

    @Test
    void callerThatIsGoneBeforeTheAnswerHarmsNobody() throws Exception {
        for (int i = 0; i < 20; i++) {
            try (var caller = RawCaller.start(folder, "hasty")) {
                caller.await();
            }
        }
        assertOthersAreServed();
    }

    @Test
    void streamOfACallerThatIsKilledIsGivenBack() throws Exception {
        try (var caller = RawCaller.start(folder, "stay")) {
            assertEquals("DATA", caller.line());
            assertEquals(1, endpoint.snapshots.listeners());
        }
        assertNothingIsServed();
    }

    /** Asking the file system which file it is would hold the one thread that all connections have. */
    @Test
    void callerWhoseFileSystemAnswersNothingAnyMoreIsServedAndHoldsUpNobody() throws Exception {
        requireRoot();
        var hang = folder.resolve("hang");
        try (var caller = RawCaller.onItsOwnFileSystem(folder, hang, "wait")) {
            var first = caller.line();
            assumeFalse(first.equals("NONE"), "no file system of its own can be made here");
            assertEquals("WAITING", first);
            Files.createFile(hang);
            Eventually.holds("it answers nothing any more", () -> Files.notExists(hang));
            caller.letAsk();
            assertEquals("DATA", caller.line());
            endpoint.rotate("e");
            assertEquals("DATA", caller.line());
            assertOthersAreServed();
        }
    }

    @Test
    void stormOfConnectionsFromOneProgramCostsOneLookAtIt() throws Exception {
        var begin = Instant.now();
        try (var caller = RawCaller.start(folder, "storm", Integer.toString(STORM))) {
            assertOthersAreServed();
            assertEquals("DATA " + STORM, caller.line());
            // one for the storm and one for this process, and again whenever what was found is forgotten
            long most = 2 * (1 + Duration.between(begin, Instant.now()).toSeconds() / KEPT_SECONDS);
            assertTrue(looks.get() <= most, () -> looks.get() + " looks, expected " + most + " at most");
            assertOthersAreServed();
        }
        Eventually.holds("all of its connections are closed", () -> openFiles() < STORM);
    }

    private static long openFiles() throws IOException {
        try (var files = Files.list(Path.of("/proc/self/fd"))) {
            return files.count();
        }
    }
}
