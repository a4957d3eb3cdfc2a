// SPDX-License-Identifier: Apache-2.0
package io.countersign.intruder;

import io.countersign.intruder.attempt.Attempt;
import io.countersign.intruder.attempt.ForeignAuthority;
import io.countersign.intruder.attempt.NoIdentity;
import io.countersign.intruder.attempt.SidecarDoor;
import io.countersign.intruder.attempt.WrongIdentity;
import io.countersign.intruder.attempt.WrongRole;
import io.countersign.launch.Closing;
import io.countersign.launch.EventLog;
import io.countersign.launch.Log;
import io.countersign.launch.Stopping;
import io.countersign.workloadapi.WorkloadApiClient;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.InstantSource;
import java.util.List;

/** A running intruder. */
public final class Intruder implements AutoCloseable {
    private final Closing opened;
    private final BreakInEndpoint endpoint;
    private final EventLog log;

    private Intruder(Closing opened, BreakInEndpoint endpoint, EventLog log) {
        this.opened = opened;
        this.endpoint = endpoint;
        this.log = log;
    }

    /**
     * Returns when requests are answered, with or without an agent.
     *
     * @throws IOException if the port cannot be listened on
     */
    public static Intruder start(IntruderSettings settings) throws IOException {
        Log.configureForStandardOutput(settings.log());
        var log = new EventLog("intruder");
        var opened = new Closing();
        try {
            var identity = new OwnIdentity(log);
            var breakIn = new BreakIn(attempts(settings), identity, InstantSource.system(), log);
            var endpoint = opened.add(new BreakInEndpoint(
                    new InetSocketAddress(settings.listenHost(), settings.port()), breakIn, identity, log));
            var client = opened.add(WorkloadApiClient.connect(settings.workloadApi()));
            opened.add(client.watchX509Context(identity));
            log.info()
                    .addKeyValue("port", String.valueOf(endpoint.port()))
                    .addKeyValue("kinds", breakIn.kinds())
                    .log("Intruder HTTP server starting");
            return new Intruder(opened, endpoint, log);
        } catch (IOException | RuntimeException e) {
            opened.close();
            throw e;
        }
    }

    private static List<Attempt> attempts(IntruderSettings settings) {
        var door = new SidecarDoor(settings.sidecar(), settings.patience());
        var login = settings.login();
        return List.of(
                new WrongIdentity(door, settings.frontend()),
                new NoIdentity(door),
                new ForeignAuthority(door, settings.frontend()),
                new WrongRole(login.server(), login.database(), login.role(), login.holder(), settings.patience()));
    }

    /** The port that is listened on. */
    public int port() {
        return endpoint.port();
    }

    /** Blocks until SIGTERM or SIGINT, then closes. */
    public void untilStopped() throws Exception {
        new Stopping().await(() -> {
            log.info().log("Shutdown signal received");
            close();
            log.info().log("Intruder stopped gracefully");
        });
    }

    @Override
    public void close() {
        opened.close();
    }
}
