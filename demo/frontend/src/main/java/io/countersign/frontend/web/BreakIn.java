// SPDX-License-Identifier: Apache-2.0
package io.countersign.frontend.web;

import io.countersign.frontend.FrontendSettings;
import jakarta.servlet.http.HttpServletRequest;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.springframework.http.ResponseEntity;

/** Asks the intruder, which is a program of its own, to try. Only the page itself may make it do so. */
final class BreakIn {
    private static final Duration ANSWER_WITHIN = Duration.ofSeconds(30);

    private final FrontendSettings settings;
    private final Upstream upstream;

    BreakIn(FrontendSettings settings, Upstream upstream) {
        this.settings = settings;
        this.upstream = upstream;
    }

    /** @param kind empty for all kinds, else a slash and the kind */
    ResponseEntity<byte[]> attempt(HttpServletRequest request, String kind) {
        if (!request.getMethod().equals("POST")) {
            return Answers.text(405, "expected POST, not " + request.getMethod());
        }
        if (!isSameOrigin(request)) {
            return Answers.text(403, "refused: the request comes from another site than this page");
        }
        var intruder = settings.intruder();
        if (intruder == null) {
            return Answers.text(501, "nobody here to break in: set INTRUDER_URL to where the intruder listens");
        }
        try {
            var response = upstream.send(HttpRequest.newBuilder(URI.create(intruder + "/break-in" + kind))
                    .timeout(ANSWER_WITHIN)
                    .POST(HttpRequest.BodyPublishers.noBody())
                    .build());
            return response.statusCode() == 200
                    ? Answers.json(response.body())
                    : Answers.text(response.statusCode(), new String(response.body(), StandardCharsets.UTF_8));
        } catch (Upstream.UnreachableException e) {
            return Answers.text(502, "the intruder cannot be asked: " + e.getMessage());
        }
    }

    /** Browsers say where a request comes from and pages cannot forge it; what says nothing is no browser. */
    private static boolean isSameOrigin(HttpServletRequest request) {
        var site = request.getHeader("Sec-Fetch-Site");
        var origin = request.getHeader("Origin");
        return (site == null || site.equals("same-origin"))
                && (origin == null || origin.equals(request.getScheme() + "://" + request.getHeader("Host")));
    }
}
