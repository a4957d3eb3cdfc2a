// SPDX-License-Identifier: Apache-2.0
package io.countersign.rpc;

import io.netty.channel.Channel;
import io.netty.channel.IoEventLoop;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * The open connections of each process: so many and no more, neither by being many processes, and none any longer than the
 * process lives, whoever else has got hold of one. Thread-safe.
 */
final class Connections {
    private record Caller(int pid, long startTime) {}

    /** One process; it is held on to once, however many connections it has. */
    private record Held(Optional<PidFd> hold, Set<Channel> channels) {
        boolean isNumbered(int pid) {
            // 0 is the number of all that this process cannot see
            return pid != 0 && (hold.isEmpty() || hold.get().isNumbered(pid));
        }
    }

    private final Map<Caller, Held> open = new HashMap<>();
    private final BoundedLog refused =
            new BoundedLog(LoggerFactory.getLogger(Connections.class), "connections refused");
    private final int limit;
    private final Shares shares;

    Connections(int limit) {
        this.limit = limit;
        this.shares = Shares.fourTimes(limit);
    }

    /**
     * Who is at the other end; nothing if it has too many connections.
     *
     * @throws IOException if it is not there any more
     */
    synchronized Optional<Peer.LocalProcess> admit(EpollDomainSocketChannel connection) throws IOException {
        var credentials = connection.peerCredentials();
        int pid = credentials.pid();
        // held first, so that the start time is that of the process that is held
        var hold = PidFd.of(connection);
        var image = ProcFs.image(pid);
        var caller = new Caller(pid, image.map(ProcessImage::startTime).orElse(-1L));
        var known = Optional.ofNullable(open.get(caller)).filter(held -> held.isNumbered(pid));
        int others = known.map(held -> held.channels().size()).orElse(0);
        var share = others < limit ? shares.take(pid, credentials.uid()) : Optional.<Runnable>empty();
        if (share.isEmpty()) {
            hold.ifPresent(PidFd::close);
            refused.log(
                    Level.WARN,
                    "a connection of pid {} is closed: it has {}, and one process may have {}, all of its origin four"
                            + " times as many",
                    pid,
                    others,
                    limit);
            return Optional.empty();
        }
        var held = known.orElseGet(() -> follow(caller, hold, (IoEventLoop) connection.eventLoop()));
        if (known.isPresent()) {
            hold.ifPresent(PidFd::close);
        }
        held.channels().add(connection);
        connection.closeFuture().addListener(closed -> {
            share.get().run();
            forget(caller, held, connection);
        });
        var gids = credentials.gids();
        return Optional.of(new Peer.LocalProcess(
                pid,
                credentials.uid(),
                gids.length == 0 ? -1 : gids[0],
                caller.startTime(),
                held.hold(),
                new FirstLook(image)));
    }

    private Held follow(Caller caller, Optional<PidFd> hold, IoEventLoop loop) {
        var held = new Held(hold, new HashSet<>());
        open.put(caller, held);
        hold.ifPresent(process -> process.whenEnded(loop, () -> closeAll(held)));
        return held;
    }

    private void closeAll(Held held) {
        List<Channel> channels;
        synchronized (this) {
            channels = List.copyOf(held.channels());
        }
        for (var channel : channels) {
            var ignored = channel.close();
        }
    }

    private synchronized void forget(Caller caller, Held held, Channel connection) {
        held.channels().remove(connection);
        if (held.channels().isEmpty()) {
            open.remove(caller, held);
            held.hold().ifPresent(PidFd::close);
        }
    }
}
