// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.federation;

import io.countersign.datastore.federation.BundleEndpoint;
import io.countersign.datastore.federation.BundleEndpoint.HttpsSpiffe;
import io.countersign.datastore.federation.BundleEndpoint.HttpsWeb;
import io.countersign.launch.web.WebRoots;
import io.countersign.spiffe.TrustDomain;
import io.countersign.spiffe.bundle.BundleSource;
import io.countersign.spiffe.bundle.InvalidBundleException;
import io.countersign.spiffe.bundle.TrustBundle;
import io.countersign.workloadapi.tls.SpiffeTrustManager;
import java.io.IOException;
import java.net.ConnectException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManager;

/**
 * Fetches the document of a bundle endpoint (SPIFFE Federation section 5.2). Each fetch has a connection and a TLS context
 * of its own, so that what the bundle says now is what counts. Redirects are followed by hand, because each has to keep
 * the rules of the first URL, and each server has to prove the same. Thread-safe.
 */
final class BundleClient {
    private static final Duration CONNECTING = Duration.ofSeconds(10);
    private static final Duration WHOLE_ANSWER = Duration.ofSeconds(30);
    private static final int LARGEST_DOCUMENT = 4 << 20;
    private static final int MOST_REDIRECTS = 10;
    private static final int SHOWN_OF_A_REFUSAL = 1024;

    private final BundleSource known;
    private final WebRoots roots;
    private final InstantSource clock;
    private final Duration patience;

    /** @param known what endpoints with an X509-SVID are verified with */
    BundleClient(BundleSource known, WebRoots roots, InstantSource clock) {
        this(known, roots, clock, WHOLE_ANSWER);
    }

    /** @param patience until an answer is whole */
    BundleClient(BundleSource known, WebRoots roots, InstantSource clock, Duration patience) {
        this.known = known;
        this.roots = roots;
        this.clock = clock;
        this.patience = patience;
    }

    /** @throws IOException if nobody here could tell the endpoint from another one */
    void requireVouched(BundleEndpoint endpoint) throws IOException {
        if (endpoint.profile() instanceof HttpsSpiffe(var id)
                && known.bundle(id.trustDomain()).isEmpty()) {
            throw new IOException(
                    "can't perform SPIFFE Authentication: local copy of bundle not found for trust domain \""
                            + id.trustDomain() + "\"; set it first");
        }
    }

    /** @throws IOException if there is no bundle to be had there, with the reason */
    TrustBundle fetch(TrustDomain of, BundleEndpoint endpoint) throws IOException, InterruptedException {
        var at = endpoint;
        for (int hops = 0; hops <= MOST_REDIRECTS; hops++) {
            var response = get(at);
            switch (response.statusCode()) {
                case 200 -> {
                    return parsed(of, response.body());
                }
                case 301, 302, 303, 307, 308 -> at = redirected(at, response);
                default ->
                    throw new IOException("unexpected status " + response.statusCode() + " fetching bundle: "
                            + beginning(response.body()));
            }
        }
        throw new IOException(
                "failed to fetch bundle: " + endpoint.url() + " redirects more than " + MOST_REDIRECTS + " times");
    }

    private static TrustBundle parsed(TrustDomain of, byte[] document) throws IOException {
        try {
            return TrustBundle.parse(of, document);
        } catch (InvalidBundleException e) {
            throw new IOException("failed to decode bundle: " + e.getMessage(), e);
        }
    }

    private static BundleEndpoint redirected(BundleEndpoint from, HttpResponse<byte[]> response) throws IOException {
        var location = response.headers().firstValue("Location").orElse("");
        try {
            if (location.isEmpty()) {
                throw new IllegalArgumentException("expected the URL of another endpoint");
            }
            return from.at(from.url().resolve(location));
        } catch (IllegalArgumentException e) {
            throw new IOException(
                    "failed to fetch bundle: " + from.url() + " redirects to \"" + location + "\": " + e.getMessage(),
                    e);
        }
    }

    private HttpResponse<byte[]> get(BundleEndpoint endpoint) throws IOException, InterruptedException {
        var context = context(endpoint);
        var threads = Executors.newVirtualThreadPerTaskExecutor();
        var client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .proxy(HttpClient.Builder.NO_PROXY)
                .connectTimeout(CONNECTING)
                .executor(threads)
                .sslContext(context)
                .sslParameters(EndpointTls.parameters(context))
                .build();
        try {
            var request = HttpRequest.newBuilder(endpoint.url())
                    .header("Accept", "application/json")
                    .build();
            return client.sendAsync(request, BodyHandlers.limiting(BodyHandlers.ofByteArray(), LARGEST_DOCUMENT))
                    .get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw new IOException(
                    "failed to fetch bundle: "
                            + words(endpoint, Optional.ofNullable(e.getCause()).orElse(e)),
                    e);
        } catch (TimeoutException e) {
            throw new IOException(
                    "failed to fetch bundle: " + endpoint.url() + " gave no whole answer within " + patience.toMillis()
                            + " ms",
                    e);
        } finally {
            client.shutdownNow();
            threads.shutdownNow();
        }
    }

    private SSLContext context(BundleEndpoint endpoint) throws IOException {
        try {
            var context = SSLContext.getInstance("TLS");
            context.init(null, trustManagers(endpoint), null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IOException("no tls for " + endpoint.url() + ": " + e.getMessage(), e);
        }
    }

    private TrustManager[] trustManagers(BundleEndpoint endpoint) throws IOException, GeneralSecurityException {
        return switch (endpoint.profile()) {
            case HttpsWeb() -> roots.trustManagers();
            case HttpsSpiffe(var id) -> new TrustManager[] {new SpiffeTrustManager(known, id::equals, clock)};
        };
    }

    private static String words(BundleEndpoint endpoint, Throwable failure) {
        var hint = failure instanceof SSLException && endpoint.profile() instanceof HttpsWeb
                ? "; an endpoint that has an X509-SVID is of profile https_spiffe"
                : "";
        // the library does not say what has become of a connection that nobody takes
        return endpoint.url() + ": " + (failure instanceof ConnectException ? "cannot connect" : failure) + hint;
    }

    private static String beginning(byte[] body) {
        return new String(body, 0, Math.min(body.length, SHOWN_OF_A_REFUSAL), StandardCharsets.UTF_8);
    }
}
