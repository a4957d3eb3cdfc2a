// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.http;

import io.countersign.sidecar.bootstrap.RetryPolicy;
import io.countersign.sidecar.bootstrap.RetryPolicy.On;
import io.countersign.sidecar.exchange.ResponseFlag;
import io.countersign.sidecar.upstream.UpstreamCluster;
import io.countersign.sidecar.upstream.UpstreamFailure;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.LastHttpContent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Whether one request is sent once more, and what of its body has to be sent again. Decides as Envoy's router does; its
 * counters have the same names. Lives on one event loop.
 */
final class Retries implements AutoCloseable {
    /** Of the body. What is longer is sent once: Envoy's standard limit for a connection's buffer. */
    private static final int KEPT_BYTES = 1 << 20;

    private final RetryPolicy policy;
    private final UpstreamCluster cluster;
    private final List<HttpContent> kept = new ArrayList<>();
    private int keptBytes;
    private int repeated;
    private boolean holding;
    private boolean abandoned;
    private @Nullable ResponseFlag exhausted;

    Retries(RetryPolicy policy, UpstreamCluster cluster) {
        this.policy = policy;
        this.cluster = cluster;
    }

    RetryPolicy policy() {
        return policy;
    }

    /** How often the request was sent, or will have been next. */
    int tries() {
        return repeated + 1;
    }

    /** Why the last failure was the last, if it would have been worth another try. */
    Optional<ResponseFlag> exhausted() {
        return Optional.ofNullable(exhausted);
    }

    /** Remembers a piece of the request; the caller's own stays the caller's. */
    void keep(HttpContent content) {
        if (abandoned) {
            return;
        }
        keptBytes += content.content().readableBytes();
        if (keptBytes > KEPT_BYTES) {
            cluster.count("retry_or_shadow_abandoned");
            close();
        } else {
            kept.add(content.retainedDuplicate());
        }
    }

    /** Sends what has come so far, and says whether that was all of it. */
    boolean replay(Attempt attempt) {
        kept.forEach(content -> attempt.write(content.retainedDuplicate()));
        return !kept.isEmpty() && kept.getLast() instanceof LastHttpContent;
    }

    /** How long to wait before the next try; empty if there is none. */
    Optional<Duration> after(UpstreamFailure failure) {
        return failure.flag() != ResponseFlag.UO && failure.flag() != ResponseFlag.UH && isWorthwhile(failure)
                ? next()
                : Optional.empty();
    }

    private boolean isWorthwhile(UpstreamFailure failure) {
        return policy.on().contains(On.SERVER_ERROR)
                || policy.on().contains(On.GATEWAY_ERROR)
                || policy.on().contains(On.RESET)
                || (policy.on().contains(On.CONNECT_FAILURE) && failure.flag() == ResponseFlag.UF)
                || (policy.on().contains(On.REFUSED_STREAM) && failure.isRefusedStream());
    }

    /** The same after a try that took too long, which is a reset. */
    Optional<Duration> afterTimeout() {
        cluster.count("upstream_rq_per_try_timeout");
        return policy.on().contains(On.SERVER_ERROR)
                        || policy.on().contains(On.GATEWAY_ERROR)
                        || policy.on().contains(On.RESET)
                ? next()
                : Optional.empty();
    }

    /** The same after an answer. */
    Optional<Duration> after(int status, HttpHeaders headers) {
        boolean worthwhile = (policy.on().contains(On.SERVER_ERROR) && status >= 500)
                || (policy.on().contains(On.GATEWAY_ERROR) && status >= 502 && status <= 504)
                || (policy.on().contains(On.RETRIABLE_4XX) && status == 409)
                || (policy.on().contains(On.RETRIABLE_STATUS_CODES)
                        && policy.statuses().contains(status))
                || isWorthwhileGrpc(headers);
        if (!worthwhile && repeated > 0) {
            cluster.count("upstream_rq_retry_success");
        }
        return worthwhile ? next() : Optional.empty();
    }

    /** Only what the head of the answer says; trailers come when it is too late. */
    private boolean isWorthwhileGrpc(HttpHeaders headers) {
        return switch (headers.get("grpc-status", "")) {
            case "1" -> policy.on().contains(On.CANCELLED);
            case "4" -> policy.on().contains(On.DEADLINE_EXCEEDED);
            case "8" -> policy.on().contains(On.RESOURCE_EXHAUSTED);
            case "13" -> policy.on().contains(On.INTERNAL);
            case "14" -> policy.on().contains(On.UNAVAILABLE);
            default -> false;
        };
    }

    private Optional<Duration> next() {
        if (abandoned) {
            return Optional.empty();
        }
        if (repeated >= policy.most()) {
            cluster.count("upstream_rq_retry_limit_exceeded");
            exhausted = ResponseFlag.URX;
            return Optional.empty();
        }
        if (!holding && !cluster.beginRetry()) {
            cluster.count("upstream_rq_retry_overflow");
            exhausted = ResponseFlag.UO;
            return Optional.empty();
        }
        holding = true;
        repeated++;
        cluster.count("upstream_rq_retry");
        long most = Math.min(policy.longest().toMillis(), policy.base().toMillis() << Math.min(repeated - 1, 20));
        return Optional.of(Duration.ofMillis(ThreadLocalRandom.current().nextLong(Math.max(1, most))));
    }

    /** Nothing is repeated from now on. */
    @Override
    public void close() {
        abandoned = true;
        kept.forEach(HttpContent::release);
        kept.clear();
        if (holding) {
            holding = false;
            cluster.endRetry();
        }
    }
}
