// SPDX-License-Identifier: Apache-2.0
package io.countersign.oidc.http;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.Optional;

/**
 * Finds the handler by the whole path, as Go's multiplexer does: a path that can be written shorter is redirected, so that
 * an issuer configured with a slash at its end still leads to the document.
 *
 * @param handlers by path
 */
public record Routes(Map<String, Handler> handlers) implements Handler {
    public Routes {
        handlers = Map.copyOf(handlers);
    }

    @Override
    public Response answer(Request request) {
        var clean = clean(request.path());
        if (!clean.equals(request.path())) {
            return redirect(request, clean);
        }
        var path = decoded(clean);
        if (path.isEmpty()) {
            return Response.refusal(Response.BAD_REQUEST, "400 Bad Request");
        }
        return Optional.ofNullable(handlers.get(path.get()))
                .map(handler -> handler.answer(request))
                .orElse(Response.refusal(Response.NOT_FOUND, "404 page not found"));
    }

    private static Response redirect(Request request, String path) {
        var target = request.query().isEmpty() ? path : path + "?" + request.query();
        return switch (request.method()) {
            case "GET" ->
                new Response(
                        Response.TEMPORARY_REDIRECT,
                        Map.of("Content-Type", "text/html; charset=utf-8", "Location", target),
                        "<a href=\"" + html(target) + "\">Temporary Redirect</a>.\n\n");
            case "HEAD" ->
                new Response(
                        Response.TEMPORARY_REDIRECT,
                        Map.of("Content-Type", "text/html; charset=utf-8", "Location", target),
                        "");
            default -> new Response(Response.TEMPORARY_REDIRECT, Map.of("Location", target), "");
        };
    }

    private static String html(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&#34;")
                .replace("'", "&#39;");
    }

    /** Without empty segments and dots; a slash at the end stays. */
    static String clean(String path) {
        var kept = new ArrayDeque<String>();
        for (var segment : path.split("/", -1)) {
            switch (segment) {
                case "", "." -> {}
                case ".." -> kept.pollLast();
                default -> kept.addLast(segment);
            }
        }
        var clean = "/" + String.join("/", kept);
        return path.endsWith("/") && clean.length() > 1 ? clean + "/" : clean;
    }

    private static Optional<String> decoded(String path) {
        try {
            return Optional.ofNullable(new URI(path).getPath());
        } catch (URISyntaxException e) {
            return Optional.empty();
        }
    }
}
