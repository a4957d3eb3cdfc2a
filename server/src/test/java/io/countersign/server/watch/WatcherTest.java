// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.watch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.datastore.change.Change;
import io.countersign.datastore.change.Change.Kind;
import io.countersign.datastore.change.Since;
import io.countersign.datastore.entry.RegistrationEntry;
import io.countersign.launch.Closing;
import io.countersign.rpc.RpcChannels;
import io.countersign.rpc.RpcServer;
import io.countersign.server.Replies;
import io.countersign.server.TestConfig;
import io.countersign.server.TestServer;
import io.countersign.serverapi.watch.WatchGrpc;
import io.countersign.serverapi.watch.WatchNodeRequest;
import io.countersign.serverapi.watch.WatchNodeResponse;
import io.countersign.spiffe.SpiffeId;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What makes the server go through the entries of a node that waits, of which there are thousands. */
@Timeout(60)
class WatcherTest {
    private static final SpiffeId NODE = TestConfig.id("/spire/agent/node");
    private static final SpiffeId OTHER = TestConfig.id("/spire/agent/other");

    @TempDir
    Path folder;

    private final Closing closing = new Closing();
    private final AtomicInteger lookedUp = new AtomicInteger();
    private final Replies<WatchNodeResponse> words = new Replies<>();
    private Watcher watcher;
    private long position;

    @BeforeEach
    void watch() throws Exception {
        var begun = new CompletableFuture<Watcher>();
        var service = new WatchGrpc.WatchImplBase() {
            @Override
            public void watchNode(WatchNodeRequest request, StreamObserver<WatchNodeResponse> response) {
                var call = (ServerCallStreamObserver<WatchNodeResponse>) response;
                begun.complete(new Watcher(NODE, 0, WatcherTest.this::counted, call));
            }
        };
        var socket = folder.resolve("api.sock");
        closing.add(RpcServer.onUnixSocket(socket, 0700, List.of(service.bindService()), List.of()));
        var channel = RpcChannels.unix(socket);
        closing.add(channel::shutdownNow);
        TestServer.waiting(WatchGrpc.newStub(channel)).watchNode(WatchNodeRequest.getDefaultInstance(), words);
        watcher = begun.get(20, TimeUnit.SECONDS);
        assertEquals(1, lookedUp.getAndSet(0));
    }

    @AfterEach
    void close() {
        closing.close();
    }

    private List<RegistrationEntry> counted() {
        lookedUp.incrementAndGet();
        return List.of();
    }

    /** How often entries were looked up for it. */
    private int considered(Kind kind, String item) {
        watcher.consider(new Since.Changes(List.of(new Change(kind, item)), ++position));
        return lookedUp.getAndSet(0);
    }

    @Test
    void whatHappensToOthersCostsNothing() {
        assertEquals(0, considered(Kind.NODE, OTHER.toString()));
        assertEquals(0, considered(Kind.FEDERATED_BUNDLE, "other.org"));
        assertEquals(0, considered(Kind.RELATIONSHIP, "other.org"));
        assertTrue(words.isEmpty());
    }

    @Test
    void theBundleIsToldWithoutLookingAtEntries() throws Exception {
        assertEquals(0, considered(Kind.BUNDLE, ""));
        assertFalse(words.next().getEntriesOnly());
    }

    @Test
    void whatMayChangeItsEntriesMakesTheServerLook() throws Exception {
        assertEquals(1, considered(Kind.ENTRY, "any"));
        assertEquals(1, considered(Kind.NODE, NODE.toString()));
        words.next();

        watcher.consider(new Since.Unknown(++position));
        assertEquals(1, lookedUp.get());
        words.next();
    }
}
