// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.sidecar;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** Reads each request and answers a while later, so that a client can do something wrong in between. */
final class SlowProgram implements AutoCloseable {
    private final Duration pause;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final HttpServer server;

    private SlowProgram(Duration pause) throws IOException {
        this.pause = pause;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.setExecutor(threads);
        server.start();
    }

    static SlowProgram open() throws IOException {
        return open(Duration.ofMillis(300));
    }

    static SlowProgram open(Duration pause) throws IOException {
        return new SlowProgram(pause);
    }

    int port() {
        return server.getAddress().getPort();
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            exchange.getRequestBody().readAllBytes();
            if (!closed.await(pause.toMillis(), TimeUnit.MILLISECONDS)) {
                exchange.sendResponseHeaders(200, 5);
                exchange.getResponseBody().write(new byte[] {'h', 'e', 'l', 'l', 'o'});
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        closed.countDown();
        server.stop(0);
        threads.close();
    }
}
