// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.process;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;

/** For what cannot be told to take any port. */
public final class FreePort {
    private static final int LOWEST = 10_000;
    /** From here on Linux gives ports to outgoing connections, and to whoever takes any. */
    private static final int GIVEN = 32_768;

    private static final AtomicInteger next =
            new AtomicInteger(ThreadLocalRandom.current().nextInt(GIVEN - LOWEST));

    private FreePort() {}

    /** One of the loopback interface that nobody listens on, another one each time. */
    public static int find() {
        while (true) {
            int port = LOWEST + Math.floorMod(next.getAndIncrement(), GIVEN - LOWEST);
            if (isFree(port)) {
                return port;
            }
        }
    }

    private static boolean isFree(int port) {
        try (var socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return socket.isBound();
        } catch (IOException e) {
            return false;
        }
    }
}
