// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.admin;

import java.time.Duration;
import java.time.Instant;

/** Which part of its life the sidecar is in, and the levers that the admin listener may pull. Thread-safe. */
public final class Lifecycle {
    private final Instant began = Instant.now();
    private final Runnable stop;
    private final Runnable drainListeners;
    private volatile State state = State.PRE_INITIALIZING;
    private volatile boolean healthFailed;

    public enum State {
        PRE_INITIALIZING,
        INITIALIZING,
        LIVE,
        DRAINING
    }

    public Lifecycle(Runnable stop, Runnable drainListeners) {
        this.stop = stop;
        this.drainListeners = drainListeners;
    }

    public void initializing() {
        state = State.INITIALIZING;
    }

    public void started() {
        // a stop may come while secrets are waited for
        if (state == State.INITIALIZING) {
            state = State.LIVE;
        }
    }

    public void draining() {
        state = State.DRAINING;
    }

    State state() {
        return state == State.LIVE && healthFailed ? State.DRAINING : state;
    }

    public boolean live() {
        return state() == State.LIVE;
    }

    public Duration uptime() {
        return Duration.between(began, Instant.now());
    }

    void health(boolean ok) {
        healthFailed = !ok;
    }

    void quit() {
        stop.run();
    }

    void drainListeners() {
        drainListeners.run();
    }
}
