// SPDX-License-Identifier: Apache-2.0
package io.countersign.helper.follow;

import io.countersign.helper.delivery.DeliveryException;
import io.countersign.helper.health.WriteState;
import io.countersign.workloadapi.Watcher;
import io.countersign.workloadapi.WorkloadApiException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Delivers each new state of one of the agent's streams. What cannot be written is tried again until it can or a newer
 * state is there; an agent that is away, or that refuses for good, is asked again for ever. Two virtual threads: one holds
 * the stream, the other writes.
 */
public final class Follower<T> implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Follower.class);
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);

    private final Subject subject;
    private final Function<Watcher<T>, AutoCloseable> open;
    private final Delivery<T> delivery;
    private final WriteState written;
    private final Outage outage;
    private final BlockingQueue<T> newest = new ArrayBlockingQueue<>(1);
    private final Thread watching;
    private final Thread writing;
    private volatile Optional<Instant> goodUntil = Optional.empty();

    /**
     * What is followed.
     *
     * @param name of its threads
     * @param watchFailed what is said when the agent does not answer, as the original says it
     * @param writeFailed what is said when the files cannot be written, likewise
     */
    public record Subject(String name, String watchFailed, String writeFailed) {}

    /** @param open begins to watch, such as {@code client::watchX509Context} */
    public Follower(
            Subject subject,
            Function<Watcher<T>, AutoCloseable> open,
            Delivery<T> delivery,
            WriteState written,
            InstantSource clock) {
        this.open = open;
        this.delivery = delivery;
        this.written = written;
        this.subject = subject;
        this.outage = new Outage(log, subject.watchFailed(), clock);
        this.watching = Thread.ofVirtual().name("watch " + subject.name()).unstarted(untilInterrupted(this::watch));
        this.writing = Thread.ofVirtual().name("write " + subject.name()).unstarted(untilInterrupted(this::write));
    }

    public Follower<T> start() {
        writing.start();
        watching.start();
        return this;
    }

    private void watch() throws Exception {
        while (true) {
            var ended = new CountDownLatch(1);
            try (var _ = open.apply(watcher(ended))) {
                ended.await();
            }
            Thread.sleep(LONGEST_PAUSE);
        }
    }

    private Watcher<T> watcher(CountDownLatch ended) {
        return new Watcher<>() {
            @Override
            public void onUpdate(T update) {
                outage.over();
                newest.clear();
                newest.add(update);
            }

            @Override
            public void onError(WorkloadApiException error) {
                outage.failed(error.words(), goodUntil);
                if (error.isFinal()) {
                    ended.countDown();
                }
            }
        };
    }

    private void write() throws InterruptedException {
        while (true) {
            var state = newest.take();
            var pauses = new Pauses(FIRST_PAUSE, LONGEST_PAUSE);
            while (!delivered(state)) {
                var newer = newest.poll(pauses.next().toMillis(), TimeUnit.MILLISECONDS);
                state = newer == null ? state : newer;
            }
        }
    }

    private boolean delivered(T state) throws InterruptedException {
        try {
            var result = delivery.deliver(state);
            goodUntil = result.goodUntil();
            written.written(result.goodUntil());
            return result.complete();
        } catch (DeliveryException e) {
            written.failed();
            log.atError().addKeyValue("error", e.getMessage()).log(subject.writeFailed());
        } catch (RuntimeException e) {
            written.failed();
            log.atError().setCause(e).log(subject.writeFailed());
        }
        return false;
    }

    private interface Loop {
        void run() throws Exception;
    }

    private static Runnable untilInterrupted(Loop loop) {
        return () -> {
            try {
                loop.run();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (Exception e) {
                throw new IllegalStateException("a watch could not be closed", e);
            }
        };
    }

    /** Ends the stream; a write that is going on is completed or leaves the files as they were. */
    @Override
    public void close() throws InterruptedException {
        watching.interrupt();
        writing.interrupt();
        writing.join();
    }
}
