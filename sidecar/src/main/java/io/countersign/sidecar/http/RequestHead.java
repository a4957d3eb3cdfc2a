// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.http;

import io.countersign.sidecar.bootstrap.HttpConnections;
import io.countersign.sidecar.bootstrap.RetryPolicy;
import io.countersign.sidecar.bootstrap.RouteTable;
import io.countersign.sidecar.bootstrap.RouteTable.Target;
import io.countersign.sidecar.exchange.Exchange;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/** What becomes of a request's headers between the client and the upstream. */
final class RequestHead {
    /** Of the connection, not of the request (RFC 9110, section 7.6.1); and what the HTTP/2 codec passes in headers. */
    private static final List<String> HOP_BY_HOP = List.of(
            "connection",
            "proxy-connection",
            "keep-alive",
            "upgrade",
            "http2-settings",
            "x-http2-stream-id",
            "x-http2-scheme",
            "x-http2-path",
            "x-http2-stream-weight",
            "x-http2-stream-dependency-id",
            "x-http2-stream-promise-id");

    /** Tell Envoy's router what to do; a client has no say in that. */
    private static final List<String> ROUTER_CONTROL = List.of(
            "x-envoy-retry-on",
            "x-envoy-max-retries",
            "x-envoy-retry-grpc-on",
            "x-envoy-upstream-rq-timeout-ms",
            "x-envoy-upstream-rq-per-try-timeout-ms",
            "x-envoy-upstream-rq-timeout-alt-response",
            "x-envoy-upstream-alt-stat-name",
            "x-envoy-expected-rq-timeout-ms",
            "x-envoy-force-trace",
            "x-envoy-internal",
            "x-envoy-hedge-on-per-try-timeout",
            // what access logs show in place of the path
            "x-envoy-original-path",
            "x-envoy-ip-tags");

    /** Envoy takes what is said in several lines for one list. */
    private static final List<String> JOINED = List.of("x-forwarded-client-cert", "x-forwarded-for");

    /** Requests with these methods have no body unless they say so. */
    private static final Set<String> BODYLESS = Set.of("GET", "HEAD", "DELETE", "TRACE", "CONNECT");

    private RequestHead() {}

    /** Without trusted hops in between, the last proxy's word counts. */
    private static void claimRemote(HttpHeaders headers, Exchange exchange) {
        var claims = headers.get("x-forwarded-for", "");
        if (!claims.isEmpty()) {
            try {
                var last = claims.substring(claims.lastIndexOf(',') + 1).strip();
                exchange.claimedRemote(new InetSocketAddress(InetAddress.ofLiteral(last), 0));
            } catch (IllegalArgumentException e) {
                // no address, so that the connection's own stands
            }
        }
    }

    /**
     * Makes the request what rules and routes are to see.
     *
     * @return why its target is refused, if so
     */
    static Optional<Answer> enter(
            HttpRequest request, Exchange exchange, boolean http2, ClientConnection client, HttpConnections config) {
        var headers = introduced(request, exchange, http2);
        var refusal = RequestCheck.target(exchange, config.paths());
        if (refusal.isEmpty()) {
            if (!config.useRemoteAddress()) {
                claimRemote(headers, exchange);
            }
            forwarded(headers, client, config);
            config.clientCert().apply(headers, exchange.downstreamTls());
        }
        return refusal;
    }

    /** Says what is asked for. The headers are a copy without what must not reach rules or upstream. */
    private static HttpHeaders introduced(HttpRequest request, Exchange exchange, boolean http2) {
        var headers = sanitized(request);
        exchange.request(
                request.method().name(),
                request.uri(),
                request.headers().get(HttpHeaderNames.HOST, ""),
                http2 ? "HTTP/2" : request.protocolVersion().text(),
                headers);
        return headers;
    }

    private static HttpHeaders sanitized(HttpRequest request) {
        var headers = lowerCase(request.headers());
        for (var name : HeadCheck.nominated(headers.getAll(HttpHeaderNames.CONNECTION))) {
            // what this sidecar and the route set comes later, and no client can have it removed
            if (!name.equals("te") && !essential(name)) {
                headers.remove(name);
            }
        }
        HOP_BY_HOP.forEach(headers::remove);
        ROUTER_CONTROL.forEach(headers::remove);
        headers.remove(HttpHeaderNames.TRANSFER_ENCODING);
        if (headers.containsValue(HttpHeaderNames.EXPECT, HttpHeaderValues.CONTINUE, true)) {
            headers.remove(HttpHeaderNames.EXPECT);
        }
        if (!headers.containsValue(HttpHeaderNames.TE, HttpHeaderValues.TRAILERS, true)) {
            headers.remove(HttpHeaderNames.TE);
        } else {
            headers.set(HttpHeaderNames.TE, HttpHeaderValues.TRAILERS);
        }
        for (var name : JOINED) {
            var values = headers.getAll(name);
            if (values.size() > 1) {
                headers.set(name, String.join(",", values));
            }
        }
        return headers;
    }

    /** A copy whose names are in lower case, as Envoy's are on every wire. */
    static HttpHeaders lowerCase(HttpHeaders headers) {
        var copy = new DefaultHttpHeaders();
        headers.forEach(header -> copy.add(header.getKey().toLowerCase(Locale.ROOT), header.getValue()));
        return copy;
    }

    private static boolean essential(String name) {
        return List.of("host", "content-length", "transfer-encoding", "close", "keep-alive")
                .contains(name);
    }

    /** Says where a request came from that is worth an answer. */
    private static void forwarded(HttpHeaders headers, ClientConnection client, HttpConnections config) {
        var scheme = client.tls() == null ? "http" : "https";
        if (config.useRemoteAddress()) {
            if (client.remote() instanceof InetSocketAddress remote) {
                var before = headers.getAll("x-forwarded-for");
                var address = remote.getAddress();
                // others cannot reach a loopback address, so that this host's own is told in its place
                var told = (address.isLoopbackAddress() ? OwnAddress.get() : address).getHostAddress();
                headers.set("x-forwarded-for", before.isEmpty() ? told : String.join(",", before) + "," + told);
                headers.set("x-envoy-external-address", address.getHostAddress());
            }
            headers.set("x-forwarded-proto", scheme);
        } else if (!headers.contains("x-forwarded-proto")) {
            headers.set("x-forwarded-proto", scheme);
        }
        if (config.generateRequestId() && !headers.contains("x-request-id")) {
            headers.set("x-request-id", UUID.randomUUID().toString());
        }
    }

    /** The request as it goes to the upstream. Changes the exchange's path and authority where the route says so. */
    static HttpRequest forUpstream(
            HttpRequest original, Exchange exchange, Router.Found found, Target.ToCluster to, HttpConnections config) {
        var headers = exchange.requestHeaders();
        var patience =
                to.retry().map(RetryPolicy::perTry).filter(one -> !one.isZero()).orElse(to.timeout());
        if (!config.suppressEnvoyHeaders() && !patience.isZero()) {
            headers.set("x-envoy-expected-rq-timeout-ms", patience.toMillis());
        }
        to.prefixRewrite().ifPresent(rewrite -> {
            var before = exchange.path();
            var prefix = found.route().prefix();
            exchange.rewritePath(rewrite + before.substring(Math.min(prefix.length(), before.length())));
            if (!config.suppressEnvoyHeaders()) {
                headers.set("x-envoy-original-path", before);
            }
        });
        to.hostRewrite().ifPresent(host -> {
            if (!config.suppressEnvoyHeaders()) {
                headers.set("x-envoy-original-host", exchange.authority());
            }
            exchange.rewriteAuthority(host);
        });
        Router.all(found, RouteTable.Headers::addToRequest).forEach(header -> header.apply(exchange, headers));
        Router.all(found, RouteTable.Headers::removeFromRequest).forEach(headers::remove);
        headers.set(HttpHeaderNames.HOST, exchange.authority());
        if (RequestCheck.upgrades(original)) {
            headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE);
            headers.set(HttpHeaderNames.UPGRADE, original.headers().get(HttpHeaderNames.UPGRADE));
        }
        if (HttpUtil.isTransferEncodingChunked(original)) {
            headers.remove(HttpHeaderNames.CONTENT_LENGTH);
            headers.set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
        } else if (!headers.contains(HttpHeaderNames.CONTENT_LENGTH) && !BODYLESS.contains(exchange.method())) {
            headers.set(HttpHeaderNames.CONTENT_LENGTH, HttpHeaderValues.ZERO);
        }
        return new DefaultHttpRequest(
                HttpVersion.HTTP_1_1, HttpMethod.valueOf(exchange.method()), exchange.path(), headers);
    }
}
