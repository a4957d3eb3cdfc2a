// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.jwt;

import io.countersign.sidecar.bootstrap.JwtProvider;
import io.countersign.sidecar.upstream.HttpCall;
import io.countersign.sidecar.upstream.UpstreamCluster;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpVersion;
import java.net.URI;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keys that are fetched over HTTP, when a token needs them and the last ones are too old. Thread-safe. */
final class RemoteKeys {
    private static final Logger log = LoggerFactory.getLogger(RemoteKeys.class);

    private final JwtProvider.Keys.Remote settings;
    private final UpstreamCluster cluster;
    private final InstantSource clock;
    private final Consumer<Boolean> counted;
    private volatile @Nullable Held held;

    private record Held(Jwks jwks, Instant until) {}

    /** @param counted told after each fetch whether it gave keys */
    RemoteKeys(
            JwtProvider.Keys.Remote settings, UpstreamCluster cluster, InstantSource clock, Consumer<Boolean> counted) {
        this.settings = settings;
        this.cluster = cluster;
        this.clock = clock;
        this.counted = counted;
    }

    boolean isFresh() {
        var last = held;
        return last != null && clock.instant().isBefore(last.until());
    }

    /** Those that are not too old. */
    Optional<Jwks> current() {
        var last = held;
        return last == null || !clock.instant().isBefore(last.until()) ? Optional.empty() : Optional.of(last.jwks());
    }

    void fetch(EventLoop loop, Runnable done) {
        var uri = URI.create(settings.uri());
        var path = uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
        var request = new DefaultHttpRequest(
                HttpVersion.HTTP_1_1,
                HttpMethod.GET,
                uri.getRawQuery() == null ? path : path + "?" + uri.getRawQuery());
        request.headers().set(HttpHeaderNames.HOST, uri.getRawAuthority());
        HttpCall.start(cluster, loop, request, new byte[0], settings.timeout(), outcome -> {
            take(outcome);
            done.run();
        });
    }

    private void take(HttpCall.Outcome outcome) {
        try {
            switch (outcome) {
                case HttpCall.Outcome.Answered answer -> {
                    if (answer.status() != 200) {
                        throw new IllegalArgumentException("HTTP status " + answer.status());
                    }
                    held = new Held(
                            Jwks.parse(answer.body().toByteArray()),
                            clock.instant().plus(settings.cacheDuration()));
                }
                case HttpCall.Outcome.Failed(String why) -> throw new IllegalArgumentException(why);
            }
            counted.accept(true);
        } catch (IllegalArgumentException e) {
            counted.accept(false);
            log.atWarn()
                    .addKeyValue("uri", settings.uri())
                    .addKeyValue("reason", e.getMessage())
                    .log("cannot fetch the keys of tokens");
        }
    }
}
