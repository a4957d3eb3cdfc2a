// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.node;

import com.google.protobuf.ByteString;
import io.countersign.spiffe.json.Json;
import io.grpc.Status.Code;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The JSON of SPIRE's {@code x509pop}. As Go does, it takes members whatever their case, and null for one that is not there.
 */
final class X509PopMessages {
    private X509PopMessages() {}

    /** The two kinds of signature, and the member that speaks of each. */
    enum Kind {
        RSA,
        ECDSA;

        String member() {
            return name().toLowerCase(Locale.ROOT) + "_signature";
        }
    }

    /** @param parts the signature, or its two numbers */
    record Response(ByteString nonce, List<ByteString> parts) {
        Response {
            parts = List.copyOf(parts);
        }
    }

    /**
     * The certificates that a node shows, its own first, as they came.
     *
     * @throws io.grpc.StatusRuntimeException if the message is malformed
     */
    static List<ByteString> certificates(ByteString payload) {
        try {
            return switch (member(Json.parse(payload.toByteArray()), "certificates")) {
                case Json.Nothing() -> List.of();
                case Json.Elements(var elements) ->
                    elements.stream().map(X509PopMessages::bytes).toList();
                case Json.Members _, Json.Text _, Json.Numeric _, Json.Bool _ ->
                    throw new IllegalArgumentException("certificates are expected as a list");
            };
        } catch (IllegalArgumentException e) {
            throw X509PopAttestation.refused(Code.INVALID_ARGUMENT, "failed to unmarshal data: " + e.getMessage());
        }
    }

    static ByteString challenge(Kind kind, byte[] nonce) {
        var members = new StringBuilder("{");
        for (var each : Kind.values()) {
            members.append(each == Kind.RSA ? "" : ",")
                    .append('"')
                    .append(each.member())
                    .append("\":")
                    .append(
                            each == kind
                                    ? "{\"nonce\":\"" + Base64.getEncoder().encodeToString(nonce) + "\"}"
                                    : "null");
        }
        return ByteString.copyFromUtf8(members.append('}').toString());
    }

    /**
     * What the node says to a challenge of that kind; nothing if it speaks of another.
     *
     * @throws io.grpc.StatusRuntimeException if the message is malformed
     */
    static Optional<Response> response(Kind kind, ByteString answer) {
        try {
            var signature = member(Json.parse(answer.toByteArray()), kind.member());
            if (signature instanceof Json.Nothing) {
                return Optional.empty();
            }
            var names = switch (kind) {
                case RSA -> List.of("signature");
                case ECDSA -> List.of("r", "s");
            };
            return Optional.of(new Response(
                    bytes(member(signature, "nonce")),
                    names.stream().map(name -> bytes(member(signature, name))).toList()));
        } catch (IllegalArgumentException e) {
            throw X509PopAttestation.refused(
                    Code.INVALID_ARGUMENT, "unable to unmarshal challenge response: " + e.getMessage());
        }
    }

    private static Json member(Json json, String name) {
        if (!(json instanceof Json.Members(var members))) {
            throw new IllegalArgumentException("an object is expected around " + name);
        }
        return members.entrySet().stream()
                .filter(member -> member.getKey().equalsIgnoreCase(name))
                .reduce((_, last) -> last)
                .map(member -> member.getValue())
                .orElse(new Json.Nothing());
    }

    private static ByteString bytes(Json json) {
        return switch (json) {
            case Json.Text(var base64) ->
                ByteString.copyFrom(Base64.getDecoder().decode(base64));
            case Json.Nothing() -> ByteString.EMPTY;
            case Json.Members _, Json.Elements _, Json.Numeric _, Json.Bool _ ->
                throw new IllegalArgumentException("bytes are expected as a text in base64");
        };
    }
}
