// SPDX-License-Identifier: Apache-2.0
package io.countersign.workloadapi;

import io.countersign.spiffe.jwt.JwtSvid;
import io.grpc.Context;
import io.grpc.Status;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tokens of this workload's default identity, one for each set of audiences. From half of its life on, whoever asks for a
 * token gets it all the same while a new one is asked for beside, so that only the first one is waited for. While the agent
 * is away a token serves until it expires; once the agent answers that this workload has no identity any more, it is
 * forgotten. At most 1,000 tokens are kept, those asked for last. Thread-safe; close it.
 */
public final class JwtSource implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(JwtSource.class);
    private static final int MOST = 1_000;
    private static final Duration PAUSE = Duration.ofSeconds(5);

    private final WorkloadApiClient client;
    private final InstantSource clock;
    private final Context.CancellableContext calls = Context.ROOT.withCancellation();
    private final Map<Set<String>, Token> tokens = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Set<String>, Token> eldest) {
            return size() > MOST;
        }
    };

    /** Asks nothing yet. */
    public JwtSource(WorkloadApiClient client) {
        this(client, InstantSource.system());
    }

    JwtSource(WorkloadApiClient client, InstantSource clock) {
        this.client = client;
        this.clock = clock;
    }

    /**
     * A token that is good for all of these audiences. Take it anew for each request that carries one.
     *
     * @throws WorkloadApiException if there is none and the agent gives none within the time-out of the client
     * @throws IllegalArgumentException without an audience
     */
    public JwtSvid svid(Set<String> audiences) throws InterruptedException {
        if (audiences.isEmpty()) {
            throw new IllegalArgumentException("no audience was given, expected at least one");
        }
        try {
            return token(Set.copyOf(audiences)).current().get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof WorkloadApiException refused) {
                throw refused;
            }
            throw new IllegalStateException("a token could not be asked for: " + e.getMessage(), e);
        }
    }

    private synchronized Token token(Set<String> audiences) {
        return tokens.computeIfAbsent(audiences, Token::new);
    }

    /** Ends the calls that are open, and whoever waits for one. */
    @Override
    public synchronized void close() {
        calls.cancel(Status.CANCELLED
                .withDescription("this source of tokens is closed")
                .asRuntimeException());
        tokens.clear();
    }

    /** The token for one set of audiences; asks for it once, however many wait. Guarded by itself. */
    private final class Token {
        private final List<String> audiences;
        private Optional<JwtSvid> held = Optional.empty();
        private Instant renewAt = Instant.MIN;
        private Optional<CompletableFuture<JwtSvid>> asked = Optional.empty();

        Token(Set<String> audiences) {
            this.audiences = audiences.stream().sorted().toList();
        }

        /** Done already if there is one that has not expired. */
        synchronized CompletableFuture<JwtSvid> current() {
            var now = clock.instant();
            var good = held.filter(svid -> now.isBefore(svid.expiresAt()));
            if (good.isPresent() && now.isBefore(renewAt)) {
                return CompletableFuture.completedFuture(good.get());
            }
            var next = asked.filter(call -> !call.isDone()).orElseGet(this::ask);
            return good.map(CompletableFuture::completedFuture).orElse(next);
        }

        private CompletableFuture<JwtSvid> ask() {
            var call = CompletableFuture.supplyAsync(
                    this::fetch, run -> Thread.ofVirtual().name("token").start(calls.wrap(run)));
            asked = Optional.of(call);
            return call;
        }

        private JwtSvid fetch() {
            try {
                var svid = client.fetchJwtSvids(audiences, Optional.empty()).getFirst();
                keep(svid);
                return svid;
            } catch (WorkloadApiException e) {
                failed(e);
                throw e;
            }
        }

        private synchronized void keep(JwtSvid svid) {
            var now = clock.instant();
            held = Optional.of(svid);
            renewAt = now.plus(Duration.between(now, svid.expiresAt()).dividedBy(2));
        }

        private synchronized void failed(WorkloadApiException error) {
            if (error.code() == Status.Code.PERMISSION_DENIED) {
                held = Optional.empty();
            }
            renewAt = clock.instant().plus(PAUSE);
            log.warn("no new token for {} for now: {}", audiences, error.getMessage());
        }
    }
}
