// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.http;

import io.countersign.sidecar.bootstrap.HttpConnections.Timeouts;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The clocks that run during one request. Lives on one event loop. */
final class Deadlines implements AutoCloseable {
    enum Which {
        /** The retry policy's, for one try. */
        TRY,
        /** The route's: from the end of the request to the end of the answer. */
        ANSWER,
        /** Nothing moved in either direction. */
        IDLE,
        /** The request took too long to come. */
        REQUEST
    }

    private final EventExecutor executor;
    private final Timeouts timeouts;
    private final Consumer<Which> expired;
    private @Nullable Future<?> answer;
    private @Nullable Future<?> idle;
    private @Nullable Future<?> request;
    private @Nullable Future<?> trying;
    private long lastProgress = System.nanoTime();

    Deadlines(EventExecutor executor, Timeouts timeouts, Consumer<Which> expired) {
        this.executor = executor;
        this.timeouts = timeouts;
        this.expired = expired;
    }

    void requestBegan() {
        if (!timeouts.request().isZero()) {
            request = after(timeouts.request().toMillis(), () -> expired.accept(Which.REQUEST));
        }
        if (!timeouts.streamIdle().isZero()) {
            watch(timeouts.streamIdle().toMillis());
        }
    }

    void requestEnded(Duration routeTimeout) {
        cancel(request);
        cancel(answer);
        if (!routeTimeout.isZero()) {
            answer = after(routeTimeout.toMillis(), () -> expired.accept(Which.ANSWER));
        }
    }

    /** An answer has begun: who is answered before he has said all is in the middle of a conversation. */
    void answerBegan() {
        tryEnded();
        cancel(request);
    }

    /** From here on an upstream has the whole request. */
    void tryBegan(Duration most) {
        tryEnded();
        if (!most.isZero()) {
            trying = after(most.toMillis(), () -> expired.accept(Which.TRY));
        }
    }

    void tryEnded() {
        cancel(trying);
        trying = null;
    }

    /** Runs it later, unless the request has ended by then. */
    void pause(Duration pause, Runnable next) {
        tryEnded();
        trying = after(pause.toMillis(), next);
    }

    void progress() {
        lastProgress = System.nanoTime();
    }

    /** One timer that looks now and then is cheaper than one that is set anew with every message. */
    private void watch(long millis) {
        idle = after(millis, () -> {
            long quiet = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - lastProgress);
            long limit = timeouts.streamIdle().toMillis();
            if (quiet >= limit) {
                expired.accept(Which.IDLE);
            } else {
                watch(limit - quiet);
            }
        });
    }

    private Future<?> after(long millis, Runnable task) {
        return executor.schedule(task, millis, TimeUnit.MILLISECONDS);
    }

    @Override
    public void close() {
        cancel(answer);
        cancel(idle);
        cancel(request);
        cancel(trying);
    }

    private static void cancel(@Nullable Future<?> timer) {
        if (timer != null) {
            timer.cancel(false);
        }
    }
}
