// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.format;

import io.countersign.sidecar.exchange.CertificateFacts;
import io.countersign.sidecar.exchange.Exchange;
import io.countersign.sidecar.exchange.ResponseFlag;
import io.countersign.sidecar.exchange.TlsFacts;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The operators by name. Envoy has more; those that are not here are refused when the file is read. */
final class Operators {
    private Operators() {}

    /** @throws IllegalArgumentException for an operator or parameter that is not supported */
    static Operator named(String name, @Nullable String parameter) {
        var given = parameter == null ? "" : parameter;
        var withParameter = ofHeader(name, given).or(() -> ofTime(name, given)).or(() -> ofOutcome(name, given));
        if (withParameter.isPresent()) {
            return withParameter.get();
        }
        if (parameter != null) {
            throw new IllegalArgumentException("operator %" + name + "% takes no parameter here");
        }
        return ofTls(name)
                .or(() -> ofExchange(name))
                .or(() -> ofAddress(name))
                .orElseThrow(() -> new IllegalArgumentException("operator %" + name + "% is not supported"));
    }

    private static Optional<Operator> ofHeader(String name, String parameter) {
        var names = parameter.toLowerCase(Locale.ROOT).split("\\?", 2);
        Operator operator = switch (name) {
            case "REQ" -> e -> first(names, header -> requestHeader(e, header));
            case "RESP" -> e -> first(names, e::responseHeader);
            case "TRAILER" ->
                e -> first(names, header -> Optional.ofNullable(e.trailers().get(header)));
            default -> null;
        };
        if (operator != null && names[0].isEmpty()) {
            throw new IllegalArgumentException("operator %" + name + "% needs the name of a header in brackets");
        }
        return Optional.ofNullable(operator);
    }

    /** What the client asked for comes first, as in Envoy's own format, when the path was rewritten. */
    private static Optional<String> requestHeader(Exchange exchange, String name) {
        if (name.equals("x-envoy-original-path")) {
            return exchange.path().equals(exchange.originalPath())
                    ? Optional.empty()
                    : Optional.of(exchange.originalPath());
        }
        return exchange.requestHeader(name);
    }

    private static @Nullable Object first(String[] names, Function<String, Optional<String>> headers) {
        for (var name : names) {
            var value = headers.apply(name);
            if (value.isPresent()) {
                return value.get();
            }
        }
        return null;
    }

    private static Optional<Operator> ofOutcome(String name, String parameter) {
        return Optional.ofNullable(
                switch (name) {
                    case "GRPC_STATUS" -> GrpcStatus.written(parameter);
                    case "GRPC_STATUS_NUMBER" -> GrpcStatus::number;
                    case "DYNAMIC_METADATA" -> Metadata.of(parameter);
                    default -> null;
                });
    }

    private static Optional<Operator> ofTime(String name, String parameter) {
        Function<Exchange, Optional<Instant>> time = switch (name) {
            case "START_TIME" -> e -> Optional.of(e.start());
            case "DOWNSTREAM_PEER_CERT_V_START" ->
                e -> e.downstreamTls().flatMap(TlsFacts::peerLeaf).map(Operators::notBefore);
            case "DOWNSTREAM_PEER_CERT_V_END" ->
                e -> e.downstreamTls().flatMap(TlsFacts::peerLeaf).map(Operators::notAfter);
            case "UPSTREAM_PEER_CERT_V_START" ->
                e -> e.upstreamTls().flatMap(TlsFacts::peerLeaf).map(Operators::notBefore);
            case "UPSTREAM_PEER_CERT_V_END" ->
                e -> e.upstreamTls().flatMap(TlsFacts::peerLeaf).map(Operators::notAfter);
            default -> null;
        };
        if (time == null) {
            return Optional.empty();
        }
        var format = TimeFormat.of(parameter);
        return Optional.of(e -> time.apply(e).map(format::format).orElse(null));
    }

    private static Instant notBefore(CertificateFacts certificate) {
        return certificate.certificate().getNotBefore().toInstant();
    }

    private static Instant notAfter(CertificateFacts certificate) {
        return certificate.certificate().getNotAfter().toInstant();
    }

    private static Optional<Operator> ofTls(String name) {
        Function<Exchange, Optional<TlsFacts>> side;
        String rest;
        if (name.startsWith("DOWNSTREAM_")) {
            side = Exchange::downstreamTls;
            rest = name.substring("DOWNSTREAM_".length());
        } else if (name.startsWith("UPSTREAM_")) {
            side = Exchange::upstreamTls;
            rest = name.substring("UPSTREAM_".length());
        } else if (name.equals("REQUESTED_SERVER_NAME")) {
            return Optional.of(e -> orNull(e.requestedServerName()));
        } else {
            return Optional.empty();
        }
        // Envoy knows these of the downstream peer only, and a file must mean the same to both
        if (name.startsWith("UPSTREAM_")
                && List.of("PEER_SERIAL", "PEER_FINGERPRINT_256", "LOCAL_SUBJECT")
                        .contains(rest)) {
            return Optional.empty();
        }
        Function<TlsFacts, Optional<String>> fact = tlsFact(rest);
        return fact == null
                ? Optional.empty()
                : Optional.of(
                        e -> side.apply(e).flatMap(fact).map(Operators::orNull).orElse(null));
    }

    private static @Nullable Function<TlsFacts, Optional<String>> tlsFact(String name) {
        return switch (name) {
            case "PEER_URI_SAN" -> tls -> tls.peerLeaf().map(c -> String.join(",", c.uriSans()));
            case "PEER_DNS_SAN" -> tls -> tls.peerLeaf().map(c -> String.join(",", c.dnsSans()));
            case "PEER_SUBJECT" -> tls -> tls.peerLeaf().map(CertificateFacts::subject);
            case "PEER_ISSUER" -> tls -> tls.peerLeaf().map(CertificateFacts::issuer);
            case "PEER_SERIAL" -> tls -> tls.peerLeaf().map(CertificateFacts::serial);
            case "PEER_FINGERPRINT_256" -> tls -> tls.peerLeaf().map(CertificateFacts::sha256);
            case "PEER_CERT" -> tls -> tls.peerLeaf().map(c -> urlEncoded(c.pem()));
            case "LOCAL_URI_SAN" -> tls -> tls.localLeaf().map(c -> String.join(",", c.uriSans()));
            case "LOCAL_DNS_SAN" -> tls -> tls.localLeaf().map(c -> String.join(",", c.dnsSans()));
            case "LOCAL_SUBJECT" -> tls -> tls.localLeaf().map(CertificateFacts::subject);
            case "TLS_VERSION" -> tls -> Optional.of(tls.version());
            case "TLS_CIPHER" -> tls -> Optional.of(tls.cipher());
            case "TLS_SESSION_ID" -> tls -> Optional.of(tls.sessionId());
            default -> null;
        };
    }

    private static String urlEncoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private static Optional<Operator> ofExchange(String name) {
        return Optional.ofNullable(
                switch (name) {
                    case "PROTOCOL" -> e -> orNull(e.protocol());
                    case "RESPONSE_CODE" -> Exchange::status;
                    case "RESPONSE_CODE_DETAILS" -> e -> orNull(e.details());
                    case "CONNECTION_TERMINATION_DETAILS" -> e -> orNull(e.terminationDetails());
                    case "RESPONSE_FLAGS" -> e -> flags(e, ResponseFlag::name);
                    case "RESPONSE_FLAGS_LONG" -> e -> flags(e, ResponseFlag::longName);
                    case "BYTES_RECEIVED" -> Exchange::received;
                    case "BYTES_SENT" -> Exchange::sent;
                    case "DURATION" -> e -> e.elapsed().toMillis();
                    case "ROUTE_NAME" -> e -> orNull(e.routeName());
                    case "UPSTREAM_CLUSTER" -> e -> orNull(e.cluster());
                    case "UPSTREAM_HOST" -> e -> orNull(e.upstreamHost());
                    case "DOWNSTREAM_TRANSPORT_FAILURE_REASON" -> e -> orNull(e.downstreamFailure());
                    case "UPSTREAM_TRANSPORT_FAILURE_REASON" -> e -> orNull(e.upstreamFailure());
                    default -> null;
                });
    }

    private static Optional<Operator> ofAddress(String name) {
        return Optional.ofNullable(
                switch (name) {
                    case "DOWNSTREAM_REMOTE_ADDRESS" -> e -> text(e.claimedRemote());
                    case "DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT" -> e -> host(e.claimedRemote());
                    case "DOWNSTREAM_DIRECT_REMOTE_ADDRESS" -> e -> text(e.remote());
                    case "DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT" -> e -> host(e.remote());
                    case "DOWNSTREAM_LOCAL_ADDRESS" -> e -> text(e.local());
                    case "DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT" -> e -> host(e.local());
                    case "DOWNSTREAM_LOCAL_PORT" ->
                        e -> e.local() instanceof InetSocketAddress address ? address.getPort() : null;
                    case "UPSTREAM_LOCAL_ADDRESS" ->
                        e -> e.upstreamLocal().map(Operators::text).orElse(null);
                    default -> null;
                });
    }

    private static Object flags(Exchange exchange, Function<ResponseFlag, String> naming) {
        return exchange.flags().isEmpty()
                ? "-"
                : String.join(",", exchange.flags().stream().map(naming).toList());
    }

    private static String text(SocketAddress address) {
        return address instanceof InetSocketAddress inet ? host(inet) + ":" + inet.getPort() : address.toString();
    }

    private static String host(SocketAddress address) {
        return address instanceof InetSocketAddress inet
                ? inet.getAddress() == null
                        ? inet.getHostString()
                        : inet.getAddress().getHostAddress()
                : address.toString();
    }

    private static @Nullable String orNull(String text) {
        return text.isEmpty() ? null : text;
    }
}
