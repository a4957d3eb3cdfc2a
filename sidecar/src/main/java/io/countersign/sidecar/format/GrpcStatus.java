// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.format;

import io.countersign.sidecar.exchange.Exchange;
import io.countersign.sidecar.exchange.GrpcCode;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** How a gRPC call has ended: what its trailers say, else what the head of the answer says, else what the HTTP code means. */
final class GrpcStatus {
    private static final int NO_NUMBER = -1;

    private GrpcStatus() {}

    /** @throws IllegalArgumentException for a way of writing it that Envoy does not know */
    static Operator written(String how) {
        return switch (how) {
            case "", "CAMEL_STRING" -> exchange -> name(number(exchange), true);
            case "SNAKE_STRING" -> exchange -> name(number(exchange), false);
            case "NUMBER" -> GrpcStatus::number;
            default ->
                throw new IllegalArgumentException(
                        "operator %GRPC_STATUS% with \"" + how + "\", expected CAMEL_STRING, SNAKE_STRING or NUMBER");
        };
    }

    /** Null if it is no gRPC call, or has no answer. */
    static @Nullable Integer number(Exchange exchange) {
        if (exchange.requestHeader("content-type")
                .filter(type -> type.startsWith("application/grpc"))
                .isEmpty()) {
            return null;
        }
        var said = Optional.ofNullable(exchange.trailers().get("grpc-status"))
                .or(() -> exchange.responseHeader("grpc-status"));
        if (said.isPresent()) {
            return said.get().matches("[0-9]{1,9}") ? Integer.parseInt(said.get()) : NO_NUMBER;
        }
        return exchange.status() == 0
                ? null
                : GrpcCode.ofHttp(exchange.status()).number();
    }

    private static @Nullable Object name(@Nullable Integer number, boolean camelCase) {
        return number == null
                ? null
                : GrpcCode.of(number)
                        .map(code -> camelCase ? code.camelCase() : code.name())
                        .orElseGet(number::toString);
    }
}
