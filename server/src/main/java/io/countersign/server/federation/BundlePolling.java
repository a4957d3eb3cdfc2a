// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.federation;

import io.countersign.datastore.Row;
import io.countersign.datastore.federation.BundleEndpoint;
import io.countersign.datastore.federation.FederatedBundles;
import io.countersign.datastore.federation.FederationRelationship;
import io.countersign.datastore.federation.FederationRelationships;
import io.countersign.launch.web.WebRoots;
import io.countersign.spiffe.TrustDomain;
import io.countersign.spiffe.bundle.BundleSource;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a poll for each relationship, of server.conf or stored. Those that are stored are read again after each change
 * and every ten seconds, because another server may have changed them. Thread-safe.
 */
public final class BundlePolling implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(BundlePolling.class);
    private static final Duration READING = Duration.ofSeconds(10);

    private final Map<TrustDomain, BundleEndpoint> fixed;
    private final FederationRelationships relationships;
    private final FederatedBundles bundles;
    private final BundleClient client;
    private final Map<TrustDomain, Poll> polls = new HashMap<>();
    private final Semaphore changes = new Semaphore(0);
    private final Thread thread = Thread.ofVirtual().name("federation").unstarted(this::run);
    private boolean closed;

    /**
     * @param fixed goes before what is stored
     * @param known what endpoints with an X509-SVID are verified with
     */
    public BundlePolling(
            Map<TrustDomain, BundleEndpoint> fixed,
            FederationRelationships relationships,
            FederatedBundles bundles,
            BundleSource known,
            InstantSource clock) {
        this.fixed = Map.copyOf(fixed);
        this.relationships = relationships;
        this.bundles = bundles;
        this.client = new BundleClient(known, WebRoots.of(System.getenv()), clock);
    }

    public BundlePolling start() {
        thread.start();
        return this;
    }

    /** To be called after a change of relationships has been committed. */
    public void changed() {
        changes.release();
    }

    /**
     * Fetches a bundle now and comes back when it is stored.
     *
     * @return whether there is a relationship with that trust domain
     * @throws IOException if the bundle cannot be had
     */
    public boolean refresh(TrustDomain of) throws IOException, InterruptedException {
        reconcile();
        var poll = poll(of);
        if (poll.isPresent()) {
            poll.get().update();
        }
        return poll.isPresent();
    }

    private synchronized Optional<Poll> poll(TrustDomain of) {
        return Optional.ofNullable(polls.get(of));
    }

    private void run() {
        try {
            while (true) {
                try {
                    reconcile();
                } catch (RuntimeException e) {
                    log.atError().setCause(e).log("relationships cannot be read; the last ones stay");
                }
                if (changes.tryAcquire(READING.toMillis(), TimeUnit.MILLISECONDS)) {
                    changes.drainPermits();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized void reconcile() {
        if (closed) {
            return;
        }
        var wanted = new HashMap<TrustDomain, BundleEndpoint>();
        relationships.list().stream()
                .map(Row::value)
                .forEach((FederationRelationship one) -> wanted.put(one.trustDomain(), one.endpoint()));
        wanted.putAll(fixed);
        polls.entrySet().removeIf(poll -> {
            boolean ended = !wanted.containsKey(poll.getKey());
            if (ended) {
                poll.getValue().close();
                log.atInfo().addKeyValue("trust_domain", poll.getKey()).log("bundle is fetched no more");
            }
            return ended;
        });
        wanted.forEach(this::follow);
    }

    private void follow(TrustDomain domain, BundleEndpoint endpoint) {
        var poll = polls.get(domain);
        if (poll != null) {
            poll.follow(endpoint);
            return;
        }
        log.atInfo()
                .addKeyValue("trust_domain", domain)
                .addKeyValue("bundle_endpoint_url", endpoint.url())
                .log("bundle is fetched from now on");
        polls.put(domain, new Poll(domain, endpoint, client, bundles).start());
    }

    @Override
    public synchronized void close() {
        closed = true;
        thread.interrupt();
        polls.values().forEach(Poll::close);
        polls.clear();
    }
}
