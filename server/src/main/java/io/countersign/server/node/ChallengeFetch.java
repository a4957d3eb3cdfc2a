// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.node;

import io.countersign.server.node.HttpChallengeAttestation.Place;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Redirect;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Looks for a nonce where a node says it is. Strangers choose where we ask: it is one question without a secret, follows no
 * redirect, goes through no proxy, reads no more than a nonce is long and takes ten seconds at most. Thread-safe.
 */
final class ChallengeFetch {
    private static final int PATIENCE_SECONDS = 10;
    private static final int LONGEST_BODY = 64;
    private static final int HIGHEST_PORT = 65535;
    private static final int REDIRECTS = 3;

    private final HttpClient client = HttpClient.newBuilder()
            .followRedirects(Redirect.NEVER)
            .proxy(HttpClient.Builder.NO_PROXY)
            .version(Version.HTTP_1_1)
            .build();

    /**
     * Returns if the nonce is there.
     *
     * @throws IllegalArgumentException if that is no place to ask
     * @throws IOException if nobody answers there, or another thing
     */
    void requireNonce(Place place, String nonce) throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(address(place)).build();
        var answer = client.sendAsync(
                request, BodyHandlers.limiting(BodyHandlers.ofString(StandardCharsets.ISO_8859_1), LONGEST_BODY));
        try {
            require(answer.get(PATIENCE_SECONDS, TimeUnit.SECONDS), nonce);
        } catch (TimeoutException e) {
            answer.cancel(true);
            throw new IOException(request.uri() + " does not answer within " + PATIENCE_SECONDS + " seconds", e);
        } catch (ExecutionException e) {
            throw new IOException(request.uri() + " gives no answer: " + words(e.getCause()), e);
        }
    }

    private static String words(@Nullable Throwable failure) {
        // the client does not say whether it is the name, the host or the port that is not there
        return failure instanceof ConnectException ? "nobody is there" : String.valueOf(failure);
    }

    private static void require(HttpResponse<String> answer, String nonce) throws IOException {
        if (answer.statusCode() / 100 == REDIRECTS) {
            throw new IOException(answer.uri() + " answers " + answer.statusCode() + ": http redirects are disabled");
        }
        if (!answer.body().strip().equals(nonce)) {
            throw new IOException("expected nonce was not found in HTTP response");
        }
    }

    private static URI address(Place place) {
        if (place.host().isEmpty()) {
            throw new IllegalArgumentException("hostname must be set");
        }
        if (place.port() <= 0) {
            throw new IllegalArgumentException("port is invalid");
        }
        if (place.host().contains("/")) {
            throw new IllegalArgumentException("hostname can not contain a slash");
        }
        if (place.host().contains(":")) {
            throw new IllegalArgumentException("hostname can not contain a colon");
        }
        var path = "/.well-known/spiffe/nodeattestor/http_challenge/" + place.agent() + "/challenge";
        try {
            var address = new URI("http", null, place.host(), Math.toIntExact(place.port()), path, null, null);
            // what looks like a user's name would hide the host that is really asked
            if (place.port() <= HIGHEST_PORT && place.host().equals(address.getHost())) {
                return address;
            }
        } catch (URISyntaxException | ArithmeticException e) {
            throw new IllegalArgumentException(unasked(place), e);
        }
        throw new IllegalArgumentException(unasked(place));
    }

    private static String unasked(Place place) {
        return "\"" + place.host() + "\" and " + place.port() + " were found, expected a host name and a port";
    }
}
