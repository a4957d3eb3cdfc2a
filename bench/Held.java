// SPDX-License-Identifier: Apache-2.0
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * Holds many kept HTTP/1.1 connections, of which some are in use, and asks once more on each at the end. Says "open" when each
 * has had an answer, and then how many calls there were and how many of them or of the connections were lost.
 */
class Held {
    private static final int AT_ONCE = 50;
    private static final long PAUSE_MILLIS = 20;

    /** @param words the port, a path, how many connections, how many are in use, and for how many seconds */
    public static void main(String[] words) throws Exception {
        var request = ("GET " + words[1] + " HTTP/1.1\r\nHost: held\r\n\r\n").getBytes(StandardCharsets.US_ASCII);
        int count = Integer.parseInt(words[2]);
        var connections = new ArrayList<Connection>();
        for (int i = 0; i < count; i++) {
            connections.add(new Connection(Integer.parseInt(words[0]), request));
        }
        long calls = 0;
        try (var few = Executors.newFixedThreadPool(AT_ONCE)) {
            calls += askEach(connections, few);
            System.out.println("open");
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(Integer.parseInt(words[4]));
            var used = new ArrayList<Future<Integer>>();
            try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
                for (var connection : connections.subList(0, Integer.parseInt(words[3]))) {
                    used.add(threads.submit(() -> connection.use(end)));
                }
            }
            for (var each : used) {
                calls += each.get();
            }
            calls += askEach(connections, few);
        }
        long lost = connections.stream().filter(connection -> connection.lost).count();
        System.out.println("{\"calls\": " + calls + ", \"lost\": " + lost + "}");
    }

    private static long askEach(ArrayList<Connection> connections, ExecutorService threads) throws Exception {
        var asked = new ArrayList<Callable<Boolean>>();
        connections.forEach(connection -> asked.add(connection::ask));
        for (var each : threads.invokeAll(asked)) {
            each.get();
        }
        return connections.size();
    }

    private static final class Connection {
        private final byte[] request;
        private final Socket socket;
        private final InputStream in;
        private volatile boolean lost;

        Connection(int port, byte[] request) throws IOException {
            this.request = request;
            socket = new Socket(InetAddress.getLoopbackAddress(), port);
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(10_000);
            in = new BufferedInputStream(socket.getInputStream(), 512);
        }

        int use(long end) throws InterruptedException {
            int calls = 0;
            while (System.nanoTime() < end && ask()) {
                calls++;
                Thread.sleep(PAUSE_MILLIS);
            }
            return calls;
        }

        /** Whether it was answered as it should be; a connection that was lost once stays so. */
        boolean ask() {
            if (lost) {
                return false;
            }
            try {
                socket.getOutputStream().write(request);
                lost = !line().endsWith(" 200 OK");
                int length = 0;
                for (var header = line(); !header.isEmpty(); header = line()) {
                    if (header.regionMatches(true, 0, "content-length:", 0, 15)) {
                        length = Integer.parseInt(header.substring(15).trim());
                    }
                }
                in.skipNBytes(length);
            } catch (IOException e) {
                System.err.println("a connection is lost: " + e);
                lost = true;
            }
            return !lost;
        }

        private String line() throws IOException {
            var line = new StringBuilder();
            for (int next = in.read(); next != '\n'; next = in.read()) {
                if (next < 0) {
                    throw new EOFException("closed in the middle of an answer");
                }
                if (next != '\r') {
                    line.append((char) next);
                }
            }
            return line.toString();
        }
    }
}
