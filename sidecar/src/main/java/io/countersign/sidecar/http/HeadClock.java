// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.http;

import io.countersign.sidecar.bootstrap.HttpConnections.Timeouts;
import io.netty.channel.ChannelHandlerContext;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Stands before what reads HTTP/1.1, as nobody behind it knows of a request of which only a part of the head has come: who sends
 * one letter a minute would hold a connection for as long as he likes. Lives on one event loop.
 */
final class HeadClock extends HeadTimer {
    private final Duration most;
    private final Answer answer;
    private final Runnable began;
    private final Consumer<Answer> late;
    private boolean between = true;

    /**
     * @param began told when the first letter of a head has come
     * @param late told what to say, when the rest has not come in time
     */
    HeadClock(Timeouts timeouts, Runnable began, Consumer<Answer> late) {
        this.began = began;
        var first = first(timeouts);
        this.most = first.map(Map.Entry::getValue).orElse(Duration.ZERO);
        this.answer = first.map(Map.Entry::getKey).orElse(Answer.HEADERS_TIMEOUT);
        this.late = late;
    }

    /** How long a head may take; zero for as long as it likes. */
    static Duration limit(Timeouts timeouts) {
        return first(timeouts).map(Map.Entry::getValue).orElse(Duration.ZERO);
    }

    private static Optional<Map.Entry<Answer, Duration>> first(Timeouts timeouts) {
        return Map.of(
                        Answer.HEADERS_TIMEOUT,
                        timeouts.requestHeaders(),
                        Answer.streamIdle(false),
                        timeouts.streamIdle(),
                        Answer.REQUEST_TIMEOUT,
                        timeouts.request())
                .entrySet()
                .stream()
                .filter(limit -> !limit.getValue().isZero())
                .min(Map.Entry.comparingByValue());
    }

    /** The head is there. */
    void headCame() {
        between = false;
        stop();
    }

    /** The next bytes are the beginning of a head. */
    void awaitHead() {
        between = true;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object bytes) {
        if (between && !isRunning() && !most.isZero()) {
            began.run();
            start(ctx, most, () -> late.accept(answer));
        }
        ctx.fireChannelRead(bytes);
    }
}
