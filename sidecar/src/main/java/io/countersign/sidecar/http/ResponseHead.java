// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.http;

import io.countersign.sidecar.bootstrap.HttpConnections;
import io.countersign.sidecar.bootstrap.RouteTable;
import io.countersign.sidecar.exchange.Exchange;
import io.countersign.sidecar.exchange.ResponseFlag;
import io.countersign.sidecar.format.HeaderChange;
import io.countersign.sidecar.format.HttpDate;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The headers of answers, the upstream's and this sidecar's own. */
final class ResponseHead {
    static final String ATTEMPTS = "x-envoy-attempt-count";

    private static final String OVERLOADED = "x-envoy-overloaded";

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

    /** The upstream's consent to another protocol, with the two headers of the connection that say so. */
    static HttpResponse upgraded(HttpResponse response, HttpConnections config) {
        var headers = RequestHead.lowerCase(response.headers());
        var protocol = headers.get(HttpHeaderNames.UPGRADE, "");
        var connection = headers.get(HttpHeaderNames.CONNECTION, "upgrade");
        HOP_BY_HOP.forEach(headers::remove);
        headers.set(HttpHeaderNames.CONNECTION, connection);
        headers.set(HttpHeaderNames.UPGRADE, protocol);
        if (!headers.contains(HttpHeaderNames.DATE)) {
            headers.set(HttpHeaderNames.DATE, HttpDate.now());
        }
        finish(headers, config);
        return new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.SWITCHING_PROTOCOLS, headers);
    }

    static FullHttpResponse local(
            Answer answer, Exchange exchange, HttpConnections config, boolean http2, boolean keep) {
        boolean grpc = Optional.ofNullable(exchange.requestHeaders().get(HttpHeaderNames.CONTENT_TYPE))
                .filter(type -> type.startsWith("application/grpc"))
                .isPresent();
        boolean head = exchange.method().equals("HEAD");
        byte[] whole = answer.body().getBytes(StandardCharsets.UTF_8);
        byte[] body = grpc || head ? new byte[0] : whole;
        var response = new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1, Reasons.status(grpc ? 200 : answer.status()), Unpooled.wrappedBuffer(body));
        var headers = response.headers();
        if (grpc) {
            headers.set(HttpHeaderNames.CONTENT_TYPE, "application/grpc");
            headers.set("grpc-status", answer.grpcStatus());
            if (!answer.body().isEmpty()) {
                headers.set("grpc-message", answer.grpcMessage());
            }
        }
        if (!grpc || !http2) {
            headers.set(HttpHeaderNames.CONTENT_LENGTH, head ? whole.length : body.length);
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

    /** Leave to send the body. */
    static FullHttpResponse goOn() {
        return new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.CONTINUE);
    }

    /** What the route and all around it change, then filters. */
    static void change(
            HttpResponse head, Router.@Nullable Found found, @Nullable Screening screening, Exchange exchange) {
        if (found != null) {
            Router.all(found, RouteTable.Headers::addToResponse)
                    .forEach(header -> header.apply(exchange, head.headers()));
            Router.all(found, RouteTable.Headers::removeFromResponse)
                    .forEach(name -> head.headers().remove(name));
        }
        if (screening != null) {
            screening.change(head.headers());
        }
    }

    /** How often the request was sent, where the file wants that told. */
    static void tellTries(HttpResponse head, Router.@Nullable Found found, @Nullable Tries tries) {
        if (found != null && tries != null && found.host().countToClient()) {
            head.headers().set(ATTEMPTS, tries.count());
        }
    }

    /** The same for an answer that stands for one of an upstream. */
    static void tellTries(HttpResponse head, Answer answer, Router.@Nullable Found found, @Nullable Tries tries) {
        if (answer.isForUpstream()) {
            tellTries(head, found, tries);
        }
    }

    /** What no route can change, since it is written last. */
    static void finish(HttpHeaders headers, Answer answer, @Nullable Screening screening, HttpConnections config) {
        boolean grpc = headers.contains("grpc-status");
        if (!answer.body().isEmpty() && !grpc) {
            headers.set(HttpHeaderNames.CONTENT_TYPE, HttpHeaderValues.TEXT_PLAIN);
        }
        if (screening != null) {
            screening.change(headers);
        }
        // those that the answer brings replace others, but not each other
        answer.headers().stream()
                .filter(change -> change.how() == HeaderChange.How.ADD)
                .forEach(change -> headers.remove(change.name()));
        answer.headers().forEach(change -> change.apply(headers));
        if (grpc) {
            headers.set(HttpHeaderNames.CONTENT_TYPE, "application/grpc");
        }
        if (answer.flag().filter(ResponseFlag.UO::equals).isPresent() && !config.suppressEnvoyHeaders()) {
            headers.set(OVERLOADED, "true");
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

    /** Sends a head, which is the whole answer if that came from HTTP/2: clients of gRPC insist on a status that ends the stream. */
    static void begin(ChannelHandlerContext client, HttpResponse head, HttpResponse came, boolean http2) {
        var _ = client.write(
                http2 && isWhole(came)
                        ? new DefaultFullHttpResponse(
                                head.protocolVersion(),
                                head.status(),
                                Unpooled.EMPTY_BUFFER,
                                head.headers(),
                                EmptyHttpHeaders.INSTANCE)
                        : head);
    }

    /** Sends the end of an answer whose head has been sent; both may have come as one message, which is not to be sent again. */
    static void end(ChannelHandlerContext client, LastHttpContent came, boolean http2) {
        if (http2 && isWhole(came)) {
            came.release();
            client.flush();
        } else {
            var _ = client.writeAndFlush(
                    http2
                            ? new DefaultLastHttpContent(came.content(), came.trailingHeaders())
                            : new DefaultLastHttpContent(came.content()));
        }
    }

    private static boolean isWhole(HttpObject came) {
        return came instanceof FullHttpResponse whole && !whole.content().isReadable();
    }
}
