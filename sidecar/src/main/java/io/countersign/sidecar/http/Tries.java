// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.http;

import io.countersign.sidecar.bootstrap.RetryPolicy;
import io.countersign.sidecar.exchange.ResponseFlag;
import io.countersign.sidecar.upstream.Connection;
import io.countersign.sidecar.upstream.UpstreamCluster;
import io.countersign.sidecar.upstream.UpstreamFailure;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.LastHttpContent;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One request's way to a cluster: the present {@link Attempt}, and another if the route wants one. Lives on one event loop. */
final class Tries implements AutoCloseable {
    private final UpstreamCluster cluster;
    private final Deadlines deadlines;
    private final EventLoop loop;
    private final Attempt.Owner owner;
    private final @Nullable Retries retries;
    private Attempt attempt;

    Tries(
            UpstreamCluster cluster,
            Optional<RetryPolicy> policy,
            Deadlines deadlines,
            EventLoop loop,
            Attempt.Owner owner) {
        this.cluster = cluster;
        this.deadlines = deadlines;
        this.loop = loop;
        this.owner = owner;
        this.retries = policy.map(wanted -> new Retries(wanted, cluster)).orElse(null);
        this.attempt = new Attempt(cluster, owner);
    }

    void start() {
        attempt.start(loop);
    }

    UpstreamCluster cluster() {
        return cluster;
    }

    /** How often the request was sent, or will have been next. */
    int count() {
        return retries == null ? 1 : retries.tries();
    }

    /** Why there is no other try, if it would have been worth it. */
    Optional<ResponseFlag> exhausted() {
        return retries == null ? Optional.empty() : retries.exhausted();
    }

    /** Whether there is another try after this. */
    boolean againAfter(UpstreamFailure failure) {
        return retries != null && again(retries.after(failure));
    }

    boolean againAfterTimeout() {
        return retries != null && again(retries.afterTimeout());
    }

    boolean againAfter(int status, HttpHeaders headers) {
        return retries != null && again(retries.after(status, headers));
    }

    private boolean again(Optional<Duration> pause) {
        if (pause.isEmpty()) {
            return false;
        }
        attempt.abort();
        deadlines.pause(pause.get(), () -> {
            attempt = new Attempt(cluster, owner);
            attempt.start(loop);
        });
        return true;
    }

    Connection connection() {
        return attempt.connection();
    }

    boolean http2() {
        return attempt.http2();
    }

    long millis() {
        return attempt.millis();
    }

    boolean isWritable() {
        return attempt.writableNow();
    }

    /**
     * Sends the head, and of the body what has come before.
     *
     * @param whole whether all of the body has come
     */
    void send(HttpRequest head, boolean whole) {
        attempt.begin(head);
        boolean sent = retries != null && retries.replay(attempt);
        if (whole && !sent) {
            attempt.write(LastHttpContent.EMPTY_LAST_CONTENT);
        }
        if (whole) {
            sentInFull();
        }
    }

    private void sentInFull() {
        deadlines.tryBegan(retries == null ? Duration.ZERO : retries.policy().perTry());
    }

    /** Takes the content over. */
    void write(HttpContent content) {
        if (retries != null) {
            retries.keep(content);
        }
        if (!attempt.connected()) {
            // the request head came together with its end, or this is kept for the next try
            content.release();
            return;
        }
        attempt.write(content);
        if (content instanceof LastHttpContent) {
            sentInFull();
        }
    }

    void flush() {
        attempt.flush();
    }

    /** Asks for the next piece of the answer. */
    void read() {
        attempt.read();
    }

    /** The answer has begun, so this try is the last. */
    void settle() {
        deadlines.answerBegan();
        if (retries != null) {
            retries.close();
        }
    }

    /** The answer is complete. */
    void release(boolean reusable) {
        cluster.took(attempt.millis());
        attempt.release(reusable);
    }

    void abort() {
        attempt.abort();
    }

    @Override
    public void close() {
        settle();
    }
}
