// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.http;

import io.countersign.sidecar.bootstrap.HttpConnections;
import io.countersign.sidecar.exchange.Exchange;
import io.countersign.sidecar.format.HttpDate;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpVersion;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/** The headers of answers, the upstream's and this sidecar's own. */
final class ResponseHead {
    private static final List<String> HOP_BY_HOP = List.of(
            "connection", "proxy-connection", "keep-alive", "upgrade", "transfer-encoding", "x-http2-stream-id");

    private ResponseHead() {}

    static HttpResponse forClient(
            HttpResponse response,
            Exchange exchange,
            HttpConnections config,
            long millis,
            boolean http2,
            boolean keep) {
        var headers = RequestHead.lowerCase(response.headers());
        HOP_BY_HOP.forEach(headers::remove);
        if (!headers.contains(HttpHeaderNames.DATE)) {
            headers.set(HttpHeaderNames.DATE, HttpDate.now());
        }
        if (!config.suppressEnvoyHeaders()) {
            headers.set("x-envoy-upstream-service-time", millis);
        }
        if (!http2) {
            int status = response.status().code();
            boolean bodyless = exchange.method().equals("HEAD") || status == 204 || status == 304;
            if (!bodyless && !headers.contains(HttpHeaderNames.CONTENT_LENGTH)) {
                headers.set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
            }
            close(headers, keep);
        }
        return new DefaultHttpResponse(
                HttpVersion.HTTP_1_1, Reasons.status(response.status().code()), headers);
    }

    static FullHttpResponse local(
            Answer answer, Exchange exchange, HttpConnections config, boolean http2, boolean keep) {
        boolean grpc = Optional.ofNullable(exchange.requestHeaders().get(HttpHeaderNames.CONTENT_TYPE))
                .filter(type -> type.startsWith("application/grpc"))
                .isPresent();
        boolean head = exchange.method().equals("HEAD");
        byte[] body = grpc || head ? new byte[0] : answer.body().getBytes(StandardCharsets.UTF_8);
        var response = new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1, Reasons.status(grpc ? 200 : answer.status()), Unpooled.wrappedBuffer(body));
        var headers = response.headers();
        if (grpc) {
            headers.set(HttpHeaderNames.CONTENT_TYPE, "application/grpc");
            headers.set("grpc-status", answer.grpcStatus());
            if (!answer.body().isEmpty()) {
                // all of these bodies are printable ASCII without a percent sign, which needs no encoding
                headers.set("grpc-message", answer.body());
            }
        }
        if (!grpc || !http2) {
            headers.set(HttpHeaderNames.CONTENT_LENGTH, head ? answer.body().length() : body.length);
        }
        headers.set(HttpHeaderNames.DATE, HttpDate.now());
        if (answer.status() == 201) {
            exchange.requestHeader(":scheme")
                    .ifPresent(scheme -> headers.set(
                            HttpHeaderNames.LOCATION, scheme + "://" + exchange.authority() + exchange.path()));
        }
        if (!http2) {
            close(headers, keep);
        }
        return response;
    }

    /** What no route can change, since it is written last. */
    static void finish(HttpHeaders headers, Answer answer, HttpConnections config) {
        if (!answer.body().isEmpty() && !headers.contains("grpc-status")) {
            headers.set(HttpHeaderNames.CONTENT_TYPE, HttpHeaderValues.TEXT_PLAIN);
        }
        finish(headers, config);
    }

    static void finish(HttpHeaders headers, HttpConnections config) {
        headers.set(HttpHeaderNames.SERVER, config.serverName());
    }

    private static void close(HttpHeaders headers, boolean keep) {
        if (!keep) {
            headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        }
    }
}
