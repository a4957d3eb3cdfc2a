// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.entry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.datastore.Selector;
import io.countersign.datastore.entry.RegistrationEntry;
import io.countersign.datastore.entry.RegistrationEntry.Terms;
import io.countersign.launch.Closing;
import io.countersign.rpc.RpcChannels;
import io.countersign.rpc.RpcServer;
import io.countersign.server.Eventually;
import io.countersign.server.TestConfig;
import io.countersign.serverapi.entry.EntryGrpc;
import io.countersign.serverapi.entry.SyncAuthorizedEntriesRequest;
import io.countersign.serverapi.entry.SyncAuthorizedEntriesResponse;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** An agent that asks for more and more and reads nothing. */
@Timeout(60)
class UnreadSyncTest {
    private static final int REQUESTS = 50;

    @TempDir
    Path folder;

    private final Closing closing = new Closing();
    private final List<RegistrationEntry> entries =
            IntStream.range(0, 501).mapToObj(UnreadSyncTest::entry).toList();
    private final Taken taken = new Taken();
    private final AtomicInteger answers = new AtomicInteger();
    private final CompletableFuture<Status> end = new CompletableFuture<>();

    @AfterEach
    void close() {
        closing.close();
    }

    /** Of two kilobytes, so that a few answers fill what lies between server and agent. */
    private static RegistrationEntry entry(int number) {
        return new RegistrationEntry(
                "e" + number,
                TestConfig.id("/web"),
                TestConfig.id("/node"),
                Set.of(new Selector("test", "x".repeat(2000))),
                Terms.STANDARD,
                Optional.empty(),
                0,
                Instant.EPOCH);
    }

    /** Counts the requests that the server takes. */
    private static final class Taken implements ServerInterceptor {
        private final AtomicInteger count = new AtomicInteger();
        private final AtomicBoolean whileUnread = new AtomicBoolean();
        private final CompletableFuture<ServerCall<?, ?>> call = new CompletableFuture<>();

        @Override
        public <Q, A> ServerCall.Listener<Q> interceptCall(
                ServerCall<Q, A> begun, Metadata headers, ServerCallHandler<Q, A> next) {
            call.complete(begun);
            return new SimpleForwardingServerCallListener<>(next.startCall(begun, headers)) {
                @Override
                public void onMessage(Q message) {
                    count.incrementAndGet();
                    if (!begun.isReady()) {
                        whileUnread.set(true);
                    }
                    super.onMessage(message);
                }
            };
        }
    }

    private final class Service extends EntryGrpc.EntryImplBase {
        @Override
        public StreamObserver<SyncAuthorizedEntriesRequest> syncAuthorizedEntries(
                StreamObserver<SyncAuthorizedEntriesResponse> response) {
            return EntrySync.begin(() -> entries, (ServerCallStreamObserver<SyncAuthorizedEntriesResponse>) response);
        }
    }

    private ClientCall<SyncAuthorizedEntriesRequest, SyncAuthorizedEntriesResponse> call() throws Exception {
        var socket = folder.resolve("api.sock");
        closing.add(RpcServer.onUnixSocket(socket, 0700, List.of(new Service().bindService()), List.of(taken)));
        var channel = RpcChannels.unix(socket);
        closing.add(channel::shutdownNow);
        var call = channel.newCall(
                EntryGrpc.getSyncAuthorizedEntriesMethod(),
                CallOptions.DEFAULT.withDeadlineAfter(Duration.ofSeconds(50)));
        call.start(
                new ClientCall.Listener<>() {
                    @Override
                    public void onMessage(SyncAuthorizedEntriesResponse answer) {
                        answers.incrementAndGet();
                    }

                    @Override
                    public void onClose(Status status, Metadata trailers) {
                        end.complete(status);
                    }
                },
                new Metadata());
        return call;
    }

    @Test
    void isHeardAgainWhenItHasRead() throws Exception {
        var call = call();
        call.sendMessage(SyncAuthorizedEntriesRequest.getDefaultInstance());
        var all = SyncAuthorizedEntriesRequest.newBuilder()
                .addAllIds(entries.stream().map(RegistrationEntry::id).toList())
                .build();
        for (int i = 0; i < REQUESTS; i++) {
            call.sendMessage(all);
        }
        call.halfClose();

        var server = taken.call.get(20, TimeUnit.SECONDS);
        Eventually.holds("answers wait to be read", () -> taken.count.get() > 1 && !server.isReady());
        assertTrue(taken.count.get() < 25, () -> taken.count + " requests were taken, and nothing was read");

        // two pages for each, as for the revisions
        int expected = 2 * (1 + REQUESTS);
        call.request(expected);
        assertEquals(Status.Code.OK, end.get(40, TimeUnit.SECONDS).getCode());
        assertEquals(expected, answers.get());
        assertEquals(1 + REQUESTS, taken.count.get());
        assertFalse(taken.whileUnread.get(), "a request was taken before the answers to the last one were");
    }
}
