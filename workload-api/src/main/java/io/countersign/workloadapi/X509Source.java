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
 * use; once it answers that this workload has no identity any more, there is none, and nobody is trusted (SPIFFE Workload
 * API, section 5.2.1). Thread-safe; close it.
 */
public final class X509Source implements BundleSource, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(X509Source.class);

    private final AtomicReference<Optional<X509Context>> newest;
    private final AtomicReference<WorkloadApiException> lastError;
    private final AutoCloseable watch;

    private X509Source(
            AtomicReference<Optional<X509Context>> newest,
            AtomicReference<WorkloadApiException> lastError,
            AutoCloseable watch) {
        this.newest = newest;
        this.lastError = lastError;
        this.watch = watch;
    }

    /**
     * Waits for the first identity.
     *
     * @throws WorkloadApiException if none came in time; its message says what the agent answered last
     */
    public static X509Source open(WorkloadApiClient client, Duration timeout) throws InterruptedException {
        var newest = new AtomicReference<Optional<X509Context>>(Optional.empty());
        var first = new CompletableFuture<X509Context>();
        var lastError = new AtomicReference<>(new WorkloadApiException(
                Status.Code.UNAVAILABLE, "the agent has not answered yet", new TimeoutException()));
        var watch = client.watchX509Context(new Watcher<>() {
            @Override
            public void onUpdate(X509Context update) {
                newest.set(Optional.of(update));
                first.complete(update);
            }

            @Override
            public void onError(WorkloadApiException error) {
                lastError.set(error);
                log.warn("no new identity for now: {}", error.getMessage());
                if (error.code() == Status.Code.PERMISSION_DENIED) {
                    newest.set(Optional.empty());
                }
                if (error.isFinal()) {
                    first.completeExceptionally(error);
                }
            }
        });
        try {
            // newest is set already, perhaps to a later one
            first.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
            return new X509Source(newest, lastError, watch);
        } catch (InterruptedException e) {
            closeQuietly(watch);
            throw e;
        } catch (TimeoutException | ExecutionException e) {
            closeQuietly(watch);
            throw lastError.get();
        }
    }

    /**
     * The default identity as it is now; take it anew for each connection.
     *
     * @throws WorkloadApiException as {@link #context}
     */
    public X509Svid svid() {
        return context().defaultSvid();
    }

    /**
     * All of it as it is now, to choose another identity than the default; none takes the place of one that is missing.
     *
     * @throws WorkloadApiException if the agent has said that there is nothing any more; the source asks on by itself
     */
    public X509Context context() {
        return newest.get().orElseThrow(lastError::get);
    }

    /** Nothing, too, once the agent has said that there is nothing any more. */
    @Override
    public Optional<TrustBundle> bundle(TrustDomain trustDomain) {
        return newest.get().flatMap(context -> context.bundle(trustDomain));
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
