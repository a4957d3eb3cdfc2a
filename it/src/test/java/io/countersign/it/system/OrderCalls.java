// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.system;

import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.URLDecoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * Asks for the orders so many times a second, as the frontend does, through its sidecar: a few callers that take turns, so that
 * a machine that cannot keep up is asked less and not ever more.
 */
final class OrderCalls implements AutoCloseable {
    private static final int CALLERS = 16;
    private static final int ORDERS = 5;
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(PATIENCE)
            .build();
    private final ExecutorService callers = Executors.newFixedThreadPool(CALLERS);
    private final HttpRequest question;
    private final long interval;
    private final long begun = System.nanoTime();
    private final AtomicInteger turn = new AtomicInteger();
    private final AtomicInteger made = new AtomicInteger();
    private final ConcurrentLinkedQueue<String> failures = new ConcurrentLinkedQueue<>();
    private final Set<String> serials = ConcurrentHashMap.newKeySet();
    private volatile boolean done;

    private OrderCalls(int sidecar, int callsASecond) {
        question = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + sidecar + "/api/orders"))
                .timeout(PATIENCE)
                .build();
        interval = TimeUnit.SECONDS.toNanos(1) / callsASecond;
    }

    static OrderCalls start(RunningSystem system, int callsASecond) throws IOException {
        var calls = new OrderCalls(SidecarPorts.of(system, "frontend-sidecar").listener(), callsASecond);
        for (int i = 0; i < CALLERS; i++) {
            calls.callers.execute(calls::run);
        }
        return calls;
    }

    private void run() {
        while (!done) {
            long due = begun + turn.getAndIncrement() * interval;
            while (System.nanoTime() < due) {
                LockSupport.parkNanos(due - System.nanoTime());
            }
            call();
        }
    }

    private void call() {
        made.incrementAndGet();
        try {
            var answer = http.send(question, BodyHandlers.ofString());
            if (answer.statusCode() != 200
                    || JsonParser.parseString(answer.body()).getAsJsonArray().size() != ORDERS) {
                failures.add(answer.statusCode() + ": " + answer.body());
                return;
            }
            serials.add(peer(answer).getSerialNumber().toString(16));
        } catch (IOException | CertificateException | IllegalStateException | JsonParseException e) {
            failures.add(e.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            done = true;
        }
    }

    /** The certificate by which the frontend's sidecar knew the backend's. */
    private static X509Certificate peer(HttpResponse<String> answer) throws CertificateException {
        var pem = URLDecoder.decode(
                answer.headers().firstValue("x-countersign-peer-certificate").orElse(""), StandardCharsets.UTF_8);
        return (X509Certificate) CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)));
    }

    int made() {
        return made.get();
    }

    /** What went wrong, a text a call. */
    List<String> failures() {
        return List.copyOf(failures);
    }

    /** How many certificates of the backend's sidecar the frontend's one has met. */
    int serials() {
        return serials.size();
    }

    /** Makes no more calls and waits for those that are under way. */
    @Override
    public void close() throws InterruptedException {
        done = true;
        callers.shutdown();
        if (!callers.awaitTermination(1, TimeUnit.MINUTES)) {
            throw new AssertionError("a call does not end");
        }
        http.close();
    }
}
