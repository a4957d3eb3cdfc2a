// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.server;

import io.countersign.serverapi.watch.WatchGrpc;
import io.countersign.serverapi.watch.WatchNodeRequest;
import io.countersign.serverapi.watch.WatchNodeResponse;
import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.stub.BlockingClientCall;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hears from the server that something of this node has changed, on a virtual thread of its own. A server that does not
 * push, as the original, is asked again now and then: it may have been replaced.
 */
public final class ServerWatch implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ServerWatch.class);
    private static final Duration AFTER_END = Duration.ofMillis(10);
    private static final Duration AFTER_FAILURE = Duration.ofSeconds(1);
    private static final Duration WITHOUT_PUSH = Duration.ofMinutes(5);

    /** What may have changed. */
    public enum Word {
        /** This node's entries and nothing else. */
        ENTRIES,
        ANYTHING
    }

    private final Channel channel;
    private final Consumer<Word> changed;
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile Optional<BlockingClientCall<?, WatchNodeResponse>> listening = Optional.empty();

    /** @param changed called after each word of the server, the first one of each connection included */
    public ServerWatch(Channel channel, Consumer<Word> changed) {
        this.channel = channel;
        this.changed = changed;
    }

    public ServerWatch start() {
        Thread.ofVirtual().name("server-watch").start(this::run);
        return this;
    }

    private void run() {
        try {
            Duration pause;
            do {
                pause = listen();
            } while (!closed.await(pause.toMillis(), TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Until the stream ends; how long to wait before the next one. */
    private Duration listen() throws InterruptedException {
        BlockingClientCall<?, WatchNodeResponse> call =
                WatchGrpc.newBlockingV2Stub(channel).watchNode(WatchNodeRequest.getDefaultInstance());
        listening = Optional.of(call);
        try {
            for (var said = call.read(); said != null; said = call.read()) {
                changed.accept(said.getEntriesOnly() ? Word.ENTRIES : Word.ANYTHING);
            }
            return AFTER_END;
        } catch (StatusException e) {
            boolean pushes = e.getStatus().getCode() != Status.Code.UNIMPLEMENTED;
            if (!pushes) {
                // it is there, which after an outage is news
                changed.accept(Word.ANYTHING);
            }
            log.atDebug().addKeyValue("status", e.getStatus()).log("the server's changes are not heard of at once");
            return pushes ? AFTER_FAILURE : WITHOUT_PUSH;
        }
    }

    /** Gives up the present stream, whose connection may be dead, for another one. */
    public void again() {
        listening.ifPresent(call -> call.cancel("another connection is used", null));
    }

    /** Ends when the channel is shut down, too. */
    @Override
    public void close() {
        closed.countDown();
    }
}
