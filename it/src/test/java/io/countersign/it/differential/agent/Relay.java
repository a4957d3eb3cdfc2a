// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.agent;

import io.countersign.it.process.Daemon;
import io.countersign.it.process.Programs;
import io.countersign.it.process.Side;
import io.countersign.rpc.RpcChannels;
import io.grpc.ManagedChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Lets this test call both agents as another user: the agents see the relay, which has that user. */
final class Relay implements AutoCloseable {
    private final Daemon daemon;
    private final Map<Side, ManagedChannel> channels = new EnumMap<>(Side.class);

    private Relay(Daemon daemon) {
        this.daemon = daemon;
    }

    static Relay start(TwoAgents agents, int uid) throws Exception {
        var folder = OpenFolder.below(agents.folder(), "relay" + uid);
        var ours = folder.resolve("ours.sock");
        var original = folder.resolve("original.sock");
        var relay = new Relay(Daemon.startReady(
                folder.resolve("log"),
                List.of(
                        "setpriv",
                        "--reuid=" + uid,
                        "--regid=" + uid,
                        "--clear-groups",
                        Programs.foreign("py/bin/python").toString(),
                        Path.of("foreign/relay.py").toAbsolutePath().toString(),
                        ours.toString(),
                        agents.socket(Side.OURS).toString(),
                        original.toString(),
                        agents.socket(Side.ORIGINAL).toString()),
                () -> Files.exists(ours) && Files.exists(original)));
        relay.channels.put(Side.OURS, RpcChannels.unix(ours));
        relay.channels.put(Side.ORIGINAL, RpcChannels.unix(original));
        return relay;
    }

    ManagedChannel channel(Side side) {
        return Objects.requireNonNull(channels.get(side));
    }

    @Override
    public void close() throws InterruptedException {
        channels.values().forEach(ManagedChannel::shutdownNow);
        daemon.close();
    }
}
