// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.federation;

import io.countersign.datastore.federation.BundleEndpoint;
import io.countersign.datastore.federation.FederatedBundle;
import io.countersign.datastore.federation.FederatedBundles;
import io.countersign.spiffe.TrustDomain;
import io.countersign.spiffe.bundle.TrustBundle;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps one trust domain's bundle fresh, on a thread of its own. What is stored stays while the endpoint is away. */
final class Poll implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Poll.class);

    private final TrustDomain trustDomain;
    private final BundleClient client;
    private final FederatedBundles bundles;
    private final Semaphore moved = new Semaphore(0);
    private final Thread thread;
    private volatile BundleEndpoint endpoint;
    private volatile boolean closed;

    Poll(TrustDomain trustDomain, BundleEndpoint endpoint, BundleClient client, FederatedBundles bundles) {
        this.trustDomain = trustDomain;
        this.endpoint = endpoint;
        this.client = client;
        this.bundles = bundles;
        this.thread = Thread.ofVirtual().name("poll " + trustDomain).unstarted(this::run);
    }

    Poll start() {
        thread.start();
        return this;
    }

    /** Fetches from there from now on, and at once if it is another endpoint. */
    void follow(BundleEndpoint now) {
        if (!now.equals(endpoint)) {
            endpoint = now;
            moved.release();
        }
    }

    private void run() {
        try {
            while (!closed) {
                if (moved.tryAcquire(spread(poll()).toMillis(), TimeUnit.MILLISECONDS)) {
                    moved.drainPermits();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Fetches once; the answer is when to do so again. */
    private Duration poll() throws InterruptedException {
        try {
            try {
                update();
            } catch (IOException e) {
                warn(e);
            }
            return PollInterval.after(bundles.find(trustDomain).map(FederatedBundle::bundle));
        } catch (RuntimeException e) {
            // the datastore is away, so what is stored cannot be asked for a hint
            warn(e);
            return PollInterval.after(Optional.empty());
        }
    }

    private void warn(Exception failure) {
        if (!closed) {
            log.atError()
                    .addKeyValue("trust_domain", trustDomain)
                    .addKeyValue("reason", failure.getMessage())
                    .log("the bundle could not be fetched; what is stored stays");
        }
    }

    /** Up to a tenth earlier, so that servers which were started together do not come together. */
    private static Duration spread(Duration pause) {
        long millis = pause.toMillis();
        return Duration.ofMillis(millis - ThreadLocalRandom.current().nextLong(millis / 10 + 1));
    }

    /**
     * Fetches the bundle once and stores it if it is another one.
     *
     * @throws IOException if it cannot be had, or is older than the one that is stored
     */
    synchronized void update() throws IOException, InterruptedException {
        var from = endpoint;
        client.requireVouched(from);
        TrustBundle fetched;
        try {
            fetched = client.fetch(trustDomain, from);
        } catch (IOException e) {
            throw new IOException("failed to fetch federated bundle from endpoint: " + e.getMessage(), e);
        }
        var held = bundles.find(trustDomain).map(FederatedBundle::bundle);
        if (closed || held.filter(fetched::equals).isPresent()) {
            return;
        }
        long before = held.map(TrustBundle::sequenceNumber).orElse(0L);
        if (fetched.sequenceNumber() > 0 && fetched.sequenceNumber() < before) {
            throw new IOException("the bundle of trust domain \"" + trustDomain + "\" has spiffe_sequence "
                    + fetched.sequenceNumber() + ", expected at least " + before
                    + ", which is stored; if its publisher has begun anew, set the bundle by hand");
        }
        bundles.set(FederatedBundle.of(fetched));
        report(fetched);
    }

    private void report(TrustBundle fetched) {
        var line = fetched.x509Authorities().isEmpty() ? log.atWarn() : log.atInfo();
        line.addKeyValue("trust_domain", trustDomain)
                .addKeyValue("sequence_number", fetched.sequenceNumber())
                .addKeyValue("x509_authorities", fetched.x509Authorities().size())
                .addKeyValue("jwt_authorities", fetched.jwtAuthorities().size())
                .log("bundle is refreshed");
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
    }
}
