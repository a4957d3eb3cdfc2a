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
        if (request != null) {
            request.cancel(false);
        }
        if (!routeTimeout.isZero()) {
            answer = after(routeTimeout.toMillis(), () -> expired.accept(Which.ANSWER));
        }
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
    }

    private static void cancel(@Nullable Future<?> timer) {
        if (timer != null) {
            timer.cancel(false);
        }
    }
}
