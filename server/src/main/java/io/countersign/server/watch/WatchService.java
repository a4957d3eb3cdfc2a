// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.watch;

import io.countersign.datastore.UnavailableException;
import io.countersign.datastore.change.ChangeFeed;
import io.countersign.server.caller.Caller;
import io.countersign.server.entry.AuthorizedEntries;
import io.countersign.serverapi.watch.WatchGrpc;
import io.countersign.serverapi.watch.WatchNodeRequest;
import io.countersign.serverapi.watch.WatchNodeResponse;
import io.countersign.spiffe.SpiffeId;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the nodes that wait what has changed, whichever server on the database it was changed through. One thread follows the
 * feed for all of them.
 */
public final class WatchService extends WatchGrpc.WatchImplBase implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(WatchService.class);
    private static final Duration LOOKING = Duration.ofSeconds(1);
    /** Of one node, which has one, and another for a moment when it connects anew or has just been started again. */
    static final int MOST = 4;

    private final ChangeFeed feed;
    private final AuthorizedEntries authorized;
    /** The oldest first. */
    private final Map<SpiffeId, List<Watcher>> watchers = new ConcurrentHashMap<>();

    private final Thread thread = Thread.ofVirtual().name("watch").unstarted(this::run);

    public WatchService(ChangeFeed feed, AuthorizedEntries authorized) {
        this.feed = feed;
        this.authorized = authorized;
    }

    public WatchService start() {
        thread.start();
        return this;
    }

    @Override
    public void watchNode(WatchNodeRequest request, StreamObserver<WatchNodeResponse> response) {
        var agent = Caller.agent();
        var call = (ServerCallStreamObserver<WatchNodeResponse>) response;
        var watcher = new Watcher(agent.id(), feed.position(), () -> authorized.of(agent), call);
        call.setOnCancelHandler(() -> remove(agent.id(), watcher));
        call.setOnReadyHandler(watcher::readyAgain);
        add(agent.id(), watcher);
        watcher.begin();
    }

    private void add(SpiffeId node, Watcher watcher) {
        var all = watchers.merge(
                node,
                List.of(watcher),
                (before, one) -> Stream.concat(before.stream(), one.stream()).toList());
        all.stream().limit(Math.max(0, all.size() - MOST)).forEach(oldest -> {
            remove(node, oldest);
            oldest.end();
        });
    }

    private void remove(SpiffeId node, Watcher watcher) {
        watchers.computeIfPresent(node, (same, all) -> {
            var others = all.stream().filter(each -> each != watcher).toList();
            return others.isEmpty() ? null : others;
        });
    }

    private void forEach(BiConsumer<SpiffeId, Watcher> work) {
        watchers.forEach((node, all) -> all.forEach(watcher -> work.accept(node, watcher)));
    }

    private void run() {
        long position = feed.position();
        try {
            while (!Thread.currentThread().isInterrupted()) {
                if (feed.await(position, LOOKING) || feed.position() < position) {
                    position = tell(position);
                }
                forEach((node, watcher) -> {
                    if (watcher.endIfOld()) {
                        remove(node, watcher);
                    }
                });
            }
        } catch (InterruptedException e) {
            // only closing interrupts
            Thread.currentThread().interrupt();
        }
    }

    /** @return how far the nodes have been told */
    private long tell(long position) throws InterruptedException {
        try {
            var since = feed.since(position);
            forEach((_, watcher) -> watcher.consider(since));
            return since.position();
        } catch (UnavailableException e) {
            log.atDebug().addKeyValue("reason", e.getMessage()).log("nodes are told of changes later");
        } catch (RuntimeException e) {
            log.atError().setCause(e).log("nodes cannot be told of changes; it is tried again");
        }
        Thread.sleep(LOOKING);
        return position;
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
