// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.authz;

import com.google.protobuf.Timestamp;
import io.countersign.sdsapi.auth.AttributeContext;
import io.countersign.sdsapi.auth.AttributeContext.HttpRequest;
import io.countersign.sdsapi.auth.AttributeContext.Peer;
import io.countersign.sdsapi.auth.CheckRequest;
import io.countersign.sdsapi.core.Address;
import io.countersign.sdsapi.core.Pipe;
import io.countersign.sdsapi.core.SocketAddress;
import io.countersign.sidecar.bootstrap.ExtAuthz;
import io.countersign.sidecar.exchange.CertificateFacts;
import io.countersign.sidecar.exchange.Exchange;
import io.countersign.sidecar.exchange.TlsFacts;
import java.net.InetSocketAddress;
import java.net.URLEncoder;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;

/** What a service is told about a request. */
final class CheckRequests {
    private static final String PARTIAL = "x-envoy-auth-partial-body";

    private CheckRequests() {}

    /**
     * @param extensions texts of the route
     */
    static CheckRequest of(Exchange exchange, ExtAuthz settings, Map<String, String> extensions, Body body) {
        var tls = exchange.downstreamTls();
        var source = peer(exchange.remote(), tls.flatMap(TlsFacts::peerLeaf));
        exchange.requestHeader("x-envoy-downstream-service-cluster").ifPresent(name -> source.setService(utf8(name)));
        if (settings.includePeerCertificate()) {
            tls.flatMap(TlsFacts::peerLeaf).ifPresent(leaf -> source.setCertificate(urlEncoded(leaf.pem())));
        }
        var attributes = AttributeContext.newBuilder()
                .setSource(source)
                .setDestination(peer(exchange.local(), tls.flatMap(TlsFacts::localLeaf)))
                .setRequest(AttributeContext.Request.newBuilder()
                        .setTime(time(exchange.start()))
                        .setHttp(request(exchange, settings, body)))
                .putAllContextExtensions(extensions);
        if (settings.includeServerName()) {
            var session = AttributeContext.TLSSession.newBuilder();
            tls.ifPresent(facts -> session.setSni(facts.serverName()));
            attributes.setTlsSession(session);
        }
        return CheckRequest.newBuilder().setAttributes(attributes).build();
    }

    private static Timestamp time(Instant start) {
        return Timestamp.newBuilder()
                .setSeconds(start.getEpochSecond())
                .setNanos(start.getNano())
                .build();
    }

    private static Peer.Builder peer(java.net.SocketAddress address, Optional<CertificateFacts> certificate) {
        var peer = Peer.newBuilder().setAddress(address(address));
        certificate.ifPresent(leaf -> peer.setPrincipal(principal(leaf)));
        return peer;
    }

    private static String principal(CertificateFacts leaf) {
        return Stream.of(leaf.uriSans(), leaf.dnsSans(), List.of(leaf.subject()))
                .flatMap(List::stream)
                .findFirst()
                .orElse("");
    }

    private static Address address(java.net.SocketAddress address) {
        return address instanceof InetSocketAddress inet
                ? Address.newBuilder()
                        .setSocketAddress(SocketAddress.newBuilder()
                                .setAddress(inet.getAddress().getHostAddress())
                                .setPortValue(inet.getPort()))
                        .build()
                : Address.newBuilder()
                        .setPipe(Pipe.newBuilder().setPath(address.toString()))
                        .build();
    }

    private static HttpRequest.Builder request(Exchange exchange, ExtAuthz settings, Body body) {
        var headers = headers(exchange);
        var request = HttpRequest.newBuilder()
                .setId(Long.toUnsignedString(ThreadLocalRandom.current().nextLong()))
                .setMethod(exchange.method())
                .setPath(utf8(exchange.path()))
                .setHost(utf8(exchange.authority()))
                .setScheme(exchange.requestHeader(":scheme").orElse(""))
                .setSize(exchange.received())
                .setProtocol(exchange.protocol());
        if (body instanceof Body.Told told) {
            headers.put(PARTIAL, String.valueOf(told.partial()));
            if (settings.body().filter(ExtAuthz.Body::asBytes).isPresent()) {
                request.setRawBody(told.bytes());
            } else {
                request.setBody(utf8(told.bytes().toByteArray()));
            }
        }
        return request.putAllHeaders(headers);
    }

    /** What came in several lines in one; the host under the name that it has in HTTP/2. */
    private static Map<String, String> headers(Exchange exchange) {
        var result = new LinkedHashMap<String, String>();
        for (var name : List.of(":authority", ":path", ":method", ":scheme")) {
            exchange.requestHeader(name).ifPresent(value -> result.put(name, utf8(value)));
        }
        for (var header : exchange.requestHeaders()) {
            if (!header.getKey().equals("host") && !header.getKey().equals(PARTIAL)) {
                result.merge(header.getKey(), utf8(header.getValue()), (before, more) -> before + "," + more);
            }
        }
        return result;
    }

    /** Of bytes that were read as if each were a letter. */
    private static String utf8(String bytes) {
        return utf8(bytes.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** Protobuf's texts are UTF-8; what is not gives way to an exclamation mark, as with Envoy. */
    private static String utf8(byte[] bytes) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPLACE)
                    .onUnmappableCharacter(CodingErrorAction.REPLACE)
                    .replaceWith("!")
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new IllegalStateException("everything is replaced that cannot be read", e);
        }
    }

    private static String urlEncoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
