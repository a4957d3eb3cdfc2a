// SPDX-License-Identifier: Apache-2.0
package io.countersign.workloadapi;

import io.countersign.spiffe.TrustDomain;
import io.countersign.spiffe.bundle.BundleSource;
import io.countersign.spiffe.bundle.TrustBundle;
import io.countersign.spiffe.x509.X509Svid;
import io.grpc.Status;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The newest identity and bundles of this workload, always at hand. While the agent is away the last good ones stay in
 * use. Thread-safe; close it.
 */
public final class X509Source implements BundleSource, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(X509Source.class);

    private final AtomicReference<X509Context> newest;
    private final AutoCloseable watch;

    private X509Source(AtomicReference<X509Context> newest, AutoCloseable watch) {
        this.newest = newest;
        this.watch = watch;
    }

    /**
     * Waits for the first identity.
     *
     * @throws WorkloadApiException if none came in time; its message says what the agent answered last
     */
    public static X509Source open(WorkloadApiClient client, Duration timeout) throws InterruptedException {
        var newest = new AtomicReference<X509Context>();
        var first = new CompletableFuture<X509Context>();
        var lastError = new AtomicReference<>(new WorkloadApiException(
                Status.Code.UNAVAILABLE, "the agent has not answered yet", new TimeoutException()));
        var watch = client.watchX509Context(new Watcher<>() {
            @Override
            public void onUpdate(X509Context update) {
                newest.set(update);
                first.complete(update);
            }

            @Override
            public void onError(WorkloadApiException error) {
                lastError.set(error);
                log.warn("no new identity for now: {}", error.getMessage());
                if (error.isFinal()) {
                    first.completeExceptionally(error);
                }
            }
        });
        try {
            // newest is set already, perhaps to a later one
            first.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
            return new X509Source(newest, watch);
        } catch (TimeoutException | ExecutionException e) {
            closeQuietly(watch);
            throw lastError.get();
        }
    }

    /** The default identity as it is now; take it anew for each connection. */
    public X509Svid svid() {
        return newest.get().defaultSvid();
    }

    @Override
    public Optional<TrustBundle> bundle(TrustDomain trustDomain) {
        return newest.get().bundle(trustDomain);
    }

    private static void closeQuietly(AutoCloseable watch) {
        try {
            watch.close();
        } catch (Exception e) {
            throw new IllegalStateException("a watch could not be closed: " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        closeQuietly(watch);
    }
}
