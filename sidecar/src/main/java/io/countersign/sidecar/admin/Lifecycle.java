// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.admin;

import java.time.Duration;
import java.time.Instant;

/** Which part of its life the sidecar is in, and the levers that the admin listener may pull. Thread-safe. */
public final class Lifecycle {
    private final Instant began = Instant.now();
    private final Runnable stop;
    private final Connections connections;
    private volatile State state = State.PRE_INITIALIZING;
    private volatile boolean healthFailed;

    public enum State {
        PRE_INITIALIZING,
        INITIALIZING,
        LIVE,
        DRAINING
    }

    /** What is open to clients. */
    public interface Connections {
        /** Each ends with what it carries. */
        void retire();

        /** Those that come from now on are kept again. */
        void keep();

        /** Begins at once; the ports are closed later, which is not waited for. */
        void drain(Drain how);
    }

    public Lifecycle(Runnable stop, Connections connections) {
        this.stop = stop;
        this.connections = connections;
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
        if (ok) {
            connections.keep();
        } else {
            connections.retire();
        }
    }

    void quit() {
        stop.run();
    }

    void drainListeners(Drain how) {
        connections.drain(how);
    }
}
