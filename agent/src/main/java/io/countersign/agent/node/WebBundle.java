// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.node;

import io.countersign.launch.web.WebRoots;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLContext;

/** Fetches {@code trust_bundle_url}, from a server that the authorities of the machine vouch for. */
record WebBundle(URI url, WebRoots roots) {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int LARGEST = 4 << 20;
    private static final int OK = 200;

    /** @throws AwayException if there is no whole answer of the right kind */
    byte[] fetch() throws IOException, InterruptedException {
        var response = get();
        if (response.statusCode() != OK) {
            throw new AwayException("trust_bundle_url " + url + " answers " + response.statusCode() + ", expected 200");
        }
        return response.body();
    }

    private HttpResponse<byte[]> get() throws IOException, InterruptedException {
        var threads = Executors.newVirtualThreadPerTaskExecutor();
        var client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                // never from https to http
                .followRedirects(HttpClient.Redirect.NORMAL)
                .connectTimeout(PATIENCE)
                .executor(threads)
                .sslContext(context())
                .build();
        try {
            return client.sendAsync(
                            HttpRequest.newBuilder(url).build(),
                            BodyHandlers.limiting(BodyHandlers.ofByteArray(), LARGEST))
                    .get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            var cause = Optional.ofNullable(e.getCause()).orElse(e);
            throw new AwayException("trust_bundle_url " + url + " cannot be fetched: " + cause, e);
        } catch (TimeoutException e) {
            throw new AwayException(
                    "trust_bundle_url " + url + " gave no whole answer within " + PATIENCE.toSeconds() + " s", e);
        } finally {
            client.shutdownNow();
            threads.shutdownNow();
        }
    }

    private SSLContext context() throws IOException {
        try {
            var context = SSLContext.getInstance("TLS");
            context.init(null, roots.trustManagers(), null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IOException("no tls for " + url + ": " + e.getMessage(), e);
        }
    }
}
