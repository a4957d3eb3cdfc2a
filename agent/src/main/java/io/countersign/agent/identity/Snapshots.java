// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.identity;

import io.countersign.spiffe.TrustDomain;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;

/** The one place that holds the current {@link Snapshot}; tells listeners after each change. Thread-safe. */
public final class Snapshots {
    private final Map<Subscription, Runnable> listeners = new ConcurrentHashMap<>();
    private volatile Snapshot current;

    public Snapshots(TrustDomain trustDomain) {
        current = new Snapshot(0, trustDomain, Map.of(), Map.of(), Map.of());
    }

    public Snapshot current() {
        return current;
    }

    /** Replaces the snapshot unless {@code change} gives an equal one; the version counts itself. */
    public synchronized void update(UnaryOperator<Snapshot> change) {
        var next = change.apply(current);
        if (next.equals(current)) {
            return;
        }
        current = new Snapshot(current.version() + 1, next.trustDomain(), next.entries(), next.svids(), next.bundles());
        listeners.values().forEach(Runnable::run);
    }

    /** {@code changed} is called on the thread that changes, so it must only wake somebody. Close to stop it. */
    public Subscription subscribe(Runnable changed) {
        var subscription = new Subscription() {
            @Override
            public void close() {
                listeners.remove(this);
            }
        };
        listeners.put(subscription, changed);
        return subscription;
    }

    /** How many listen. */
    public int listeners() {
        return listeners.size();
    }

    /** Ends the calls. */
    public interface Subscription extends AutoCloseable {
        @Override
        void close();
    }
}
