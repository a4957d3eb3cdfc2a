// SPDX-License-Identifier: Apache-2.0
package io.countersign.oidc.http;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.HashMap;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** A request as it came over the wire (RFC 9112). */
final class Message {
    private static final Pattern HOST = Pattern.compile("[A-Za-z0-9!$%&'()*+,\\-.:;=\\[\\]_~]*");

    private Message() {}

    /** Why no handler is to see it, in the words of Go's web server; nothing if it is in order. */
    static Optional<Response> refusal(HttpRequest message) {
        var version = message.protocolVersion();
        if (!version.equals(HttpVersion.HTTP_1_1) && !version.equals(HttpVersion.HTTP_1_0)) {
            return Optional.of(Response.refusal(
                    Response.VERSION_NOT_SUPPORTED, "505 HTTP Version Not Supported: unsupported protocol version"));
        }
        var hosts = message.headers().getAll(HttpHeaderNames.HOST);
        if (hosts.size() > 1) {
            return bad("too many Host headers");
        }
        if (hosts.isEmpty()) {
            return version.equals(HttpVersion.HTTP_1_1) ? bad("missing required Host header") : Optional.empty();
        }
        return HOST.matcher(hosts.getFirst()).matches() ? Optional.empty() : bad("malformed Host header");
    }

    private static Optional<Response> bad(String why) {
        return Optional.of(Response.refusal(Response.BAD_REQUEST, "400 Bad Request: " + why));
    }

    /** Nothing if the target is neither a path nor a URI. */
    static Optional<Request> read(HttpRequest message, boolean tls, String peer) {
        var headers = new HashMap<String, String>();
        message.headers()
                .forEach(header -> headers.putIfAbsent(header.getKey().toLowerCase(Locale.ROOT), header.getValue()));
        var host = headers.getOrDefault("host", "");
        var method = message.method().name();
        var target = message.uri();
        // a path may begin with two slashes, which a parser of URIs takes for a host
        if (target.startsWith("/")) {
            int mark = target.indexOf('?');
            var path = mark < 0 ? target : target.substring(0, mark);
            var query = mark < 0 ? "" : target.substring(mark + 1);
            return Optional.of(new Request(method, path, query, host, headers, tls, peer));
        }
        return absolute(target)
                .map(uri -> new Request(
                        method,
                        uri.getRawPath(),
                        Optional.ofNullable(uri.getRawQuery()).orElse(""),
                        uri.getRawAuthority(),
                        headers,
                        tls || "https".equalsIgnoreCase(uri.getScheme()),
                        peer));
    }

    private static Optional<URI> absolute(String target) {
        try {
            return Optional.of(new URI(target)).filter(uri -> uri.isAbsolute() && uri.getRawAuthority() != null);
        } catch (URISyntaxException e) {
            return Optional.empty();
        }
    }
}
