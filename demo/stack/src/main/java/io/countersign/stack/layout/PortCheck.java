// SPDX-License-Identifier: Apache-2.0
package io.countersign.stack.layout;

import io.countersign.stack.StackException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;

/** Finds out before anything starts whether every port is free. */
public final class PortCheck {
    private static final int LOWEST = 10_000;
    private static final int OUTGOING = 32_768;
    private static final AtomicInteger NEXT =
            new AtomicInteger(ThreadLocalRandom.current().nextInt(OUTGOING - LOWEST));

    private PortCheck() {}

    /** @throws StackException that names every port that is taken, and by whom */
    public static void check(Ports ports) {
        var problems = new ArrayList<String>();
        var flags = new HashMap<Integer, String>();
        ports.byFlag().forEach((flag, port) -> {
            var other = flags.put(port, flag);
            if (other != null) {
                problems.add("port " + port + " is given for both " + other + " and " + flag);
            } else if (!isFree(port)) {
                var holder =
                        PortHolder.of(port).map(name -> "by " + name).orElse("by a process that is hidden from us");
                problems.add("port " + port + " is in use " + holder + "; stop it or choose another with " + flag);
            }
        });
        if (!problems.isEmpty()) {
            throw new StackException(String.join("\n", problems));
        }
    }

    private static boolean isFree(int port) {
        try (var socket = new ServerSocket()) {
            // a port whose last connection has just ended is free
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /**
     * Some port that nobody listens on right now, another one each time; and below those that Linux gives to outgoing
     * connections, one of which could take it before its program starts.
     */
    public static int anyFree() {
        for (int tries = 0; tries < OUTGOING - LOWEST; tries++) {
            int port = LOWEST + Math.floorMod(NEXT.getAndIncrement(), OUTGOING - LOWEST);
            if (isFree(port)) {
                return port;
            }
        }
        throw new StackException("no port from " + LOWEST + " to " + (OUTGOING - 1) + " is free");
    }
}
