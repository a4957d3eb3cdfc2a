// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.caller;

import io.countersign.rpc.Peer;
import io.countersign.server.config.ServerConfig.RateLimits;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How often those who come over TCP may call, by address and with SPIRE's numbers. A call that comes too early waits,
 * unless its deadline comes first. Thread-safe.
 */
public final class CallLimits {
    private static final Duration SWEEPING = Duration.ofMinutes(1);
    /** As long as agents wait for an answer; who names no deadline does not wait for ever. */
    private static final Duration LONGEST = Duration.ofSeconds(30);

    /** What is counted together; so many in a second, and as many at once. */
    public enum Limit {
        ATTESTATION(1),
        /** Certificates, for whomever. */
        SIGNING(500),
        TOKENS(500),
        /** Keys that servers below publish. */
        PUBLISHING(500),
        STATUS(10);

        private final int rate;

        Limit(int rate) {
            this.rate = rate;
        }
    }

    private record Source(Limit limit, InetAddress address) {}

    private final RateLimits switches;
    private final Map<Source, TokenBucket> buckets = new ConcurrentHashMap<>();
    private final AtomicLong sweptAt = new AtomicLong(System.nanoTime());

    public CallLimits(RateLimits switches) {
        this.switches = switches;
    }

    /**
     * Waits until the call that this thread serves may go on.
     *
     * @param count how much it asks for
     * @param what in the words of a refusal, such as {@code attest agent}
     * @throws StatusRuntimeException if it asks for more than is ever given at once, or cannot wait as long
     */
    public void take(Limit limit, int count, String what) {
        var address = isOn(limit) ? address() : Optional.<InetAddress>empty();
        if (address.isEmpty()) {
            return;
        }
        if (count > limit.rate) {
            throw exhausted(what, "rate (" + count + ") exceeds burst size (" + limit.rate + ")");
        }
        sweep();
        var bucket = buckets.computeIfAbsent(
                new Source(limit, address.get()), any -> new TokenBucket(limit.rate, System.nanoTime()));
        long wait = bucket.take(count, System.nanoTime(), patience())
                .orElseThrow(() -> exhausted(what, "rate: Wait(n=" + count + ") would exceed context deadline"));
        try {
            pause(wait);
        } catch (StatusRuntimeException e) {
            bucket.giveBack(count);
            throw e;
        }
    }

    private boolean isOn(Limit limit) {
        return switch (limit) {
            case ATTESTATION -> switches.attestation();
            case SIGNING, TOKENS -> switches.signing();
            case PUBLISHING, STATUS -> true;
        };
    }

    private static Optional<InetAddress> address() {
        return switch (Peer.current()) {
            case Peer.LocalProcess _ -> Optional.empty();
            case Peer.Mtls(var _, var address) -> ip(address);
            case Peer.Anonymous(var address) -> ip(address);
        };
    }

    private static Optional<InetAddress> ip(SocketAddress address) {
        return address instanceof InetSocketAddress inet ? Optional.ofNullable(inet.getAddress()) : Optional.empty();
    }

    private static long patience() {
        var deadline = Context.current().getDeadline();
        long longest = LONGEST.toNanos();
        return deadline == null ? longest : Math.min(longest, deadline.timeRemaining(TimeUnit.NANOSECONDS));
    }

    private static void pause(long nanos) {
        if (nanos == 0) {
            return;
        }
        var gone = new CountDownLatch(1);
        Context.CancellationListener listener = context -> gone.countDown();
        Context.current().addListener(listener, Runnable::run);
        try {
            if (gone.await(nanos, TimeUnit.NANOSECONDS)) {
                throw Status.CANCELLED.withDescription("the caller has gone").asRuntimeException();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Status.UNAVAILABLE.withDescription("the server stops").asRuntimeException();
        } finally {
            Context.current().removeListener(listener);
        }
    }

    /** A bucket that is full again says nothing more than a new one. */
    private void sweep() {
        long now = System.nanoTime();
        long last = sweptAt.get();
        if (now - last > SWEEPING.toNanos() && sweptAt.compareAndSet(last, now)) {
            buckets.values().removeIf(bucket -> bucket.isFull(now));
        }
    }

    private static StatusRuntimeException exhausted(String what, String why) {
        return Status.RESOURCE_EXHAUSTED
                .withDescription("rejecting request due to " + what + " rate limiting: " + why)
                .asRuntimeException();
    }
}
