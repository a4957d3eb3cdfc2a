// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.tls;

import io.countersign.sidecar.exchange.TlsFacts;
import io.countersign.sidecar.flow.WhileOpen;
import io.countersign.sidecar.stats.Stats;
import io.netty.channel.Channel;
import io.netty.handler.ssl.SslHandler;
import java.time.Duration;
import java.time.InstantSource;

/**
 * Ends connections when a certificate of either side runs out; Envoy looks at them in the handshake only, and lets what is open
 * go on. Shortly before, the connection is taken out of use, so that nothing is on its way when it ends. Thread-safe.
 */
public final class Expiry {
    private static final Duration EARLY = Duration.ofSeconds(5);
    /** For what had begun before the end. */
    private static final Duration GRACE = Duration.ofSeconds(5);

    private static final Duration GOOD_BYE = Duration.ofSeconds(1);

    private final boolean on;
    private final Stats stats;
    private final InstantSource clock;

    /** @param on whether connections are ended at all */
    public Expiry(boolean on, Stats stats, InstantSource clock) {
        this.on = on;
        this.stats = stats;
        this.clock = clock;
    }

    /** A kind of connection, told on its event loop. */
    public interface Ending {
        /** From now on nothing new is to begin. */
        void retire();

        /** The certificate has run out: whatever is not in the middle of something ends now. */
        void expire();
    }

    /**
     * Watches one connection until it is closed. What {@code expire} leaves open is cut off some seconds later.
     *
     * @param stat prefix of the counter, such as {@code cluster.backend.}
     */
    public void watch(Channel channel, TlsFacts facts, String stat, Ending ending) {
        if (!on || facts.validUntil().isEmpty()) {
            return;
        }
        var left = Duration.between(clock.instant(), facts.validUntil().get());
        var early = left.dividedBy(10).compareTo(EARLY) < 0 ? left.dividedBy(10) : EARLY;
        WhileOpen.after(channel, left.minus(early), () -> {
            ending.retire();
            WhileOpen.after(channel, early, () -> {
                stats.count(stat + "ssl.closed_at_expiry");
                ending.expire();
                WhileOpen.after(channel, GRACE, () -> closeNow(channel));
            });
        });
    }

    /** Says good-bye in TLS, without waiting for what HTTP/2 has open, nor for long for a peer that takes nothing. */
    public static void closeNow(Channel channel) {
        var tls = channel.pipeline().get(SslHandler.class);
        if (tls == null) {
            cutOff(channel);
            return;
        }
        // told when it has reached the socket, which is never if that is full
        tls.closeOutbound().addListener(said -> cutOff(channel));
        WhileOpen.after(channel, GOOD_BYE, () -> cutOff(channel));
    }

    /** From the socket's end, where neither TLS nor HTTP/2 waits for anything. */
    private static void cutOff(Channel channel) {
        var first = channel.pipeline().firstContext();
        var _ = first == null ? channel.close() : first.close();
    }
}
