// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.http;

import io.countersign.sidecar.bootstrap.HttpConnections;
import io.countersign.sidecar.exchange.Exchange;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
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
        HttpHeaders headers = new DefaultHttpHeaders().add(response.headers());
        HOP_BY_HOP.forEach(headers::remove);
        headers.set(HttpHeaderNames.SERVER, config.serverName());
        if (!headers.contains(HttpHeaderNames.DATE)) {
            headers.set(HttpHeaderNames.DATE, now());
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
        return new DefaultHttpResponse(HttpVersion.HTTP_1_1, response.status(), headers);
    }

    static FullHttpResponse local(
            Answer answer, Exchange exchange, HttpConnections config, boolean http2, boolean keep) {
        boolean grpc = Optional.ofNullable(exchange.requestHeaders().get(HttpHeaderNames.CONTENT_TYPE))
                .filter(type -> type.startsWith("application/grpc"))
                .isPresent();
        boolean head = exchange.method().equals("HEAD");
        byte[] body = grpc || head ? new byte[0] : answer.body().getBytes(StandardCharsets.UTF_8);
        var response = new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1,
                HttpResponseStatus.valueOf(grpc ? 200 : answer.status()),
                Unpooled.wrappedBuffer(body));
        var headers = response.headers();
        if (grpc) {
            headers.set(HttpHeaderNames.CONTENT_TYPE, "application/grpc");
            headers.set("grpc-status", answer.grpcStatus());
            if (!answer.body().isEmpty()) {
                headers.set(
                        "grpc-message",
                        URLEncoder.encode(answer.body(), StandardCharsets.UTF_8).replace("+", " "));
            }
        } else if (!answer.body().isEmpty()) {
            headers.set(HttpHeaderNames.CONTENT_TYPE, HttpHeaderValues.TEXT_PLAIN);
        }
        if (!grpc || !http2) {
            headers.set(HttpHeaderNames.CONTENT_LENGTH, head ? answer.body().length() : body.length);
        }
        headers.set(HttpHeaderNames.DATE, now());
        headers.set(HttpHeaderNames.SERVER, config.serverName());
        if (!http2) {
            close(headers, keep);
        }
        return response;
    }

    private static void close(HttpHeaders headers, boolean keep) {
        if (!keep) {
            headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        }
    }

    private static String now() {
        return DateTimeFormatter.RFC_1123_DATE_TIME.format(ZonedDateTime.now(ZoneOffset.UTC));
    }
}
