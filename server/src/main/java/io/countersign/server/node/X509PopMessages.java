// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.node;

import com.google.protobuf.ByteString;
import io.countersign.spiffe.json.Json;
import io.grpc.Status.Code;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The JSON of SPIRE's {@code x509pop}. */
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
            return switch (GoJson.member(Json.parse(payload.toByteArray()), "certificates")) {
                case Json.Nothing() -> List.of();
                case Json.Elements(var elements) ->
                    elements.stream().map(GoJson::bytes).toList();
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
            var signature = GoJson.member(Json.parse(answer.toByteArray()), kind.member());
            if (signature instanceof Json.Nothing) {
                return Optional.empty();
            }
            var names = switch (kind) {
                case RSA -> List.of("signature");
                case ECDSA -> List.of("r", "s");
            };
            return Optional.of(new Response(
                    GoJson.bytes(GoJson.member(signature, "nonce")),
                    names.stream()
                            .map(name -> GoJson.bytes(GoJson.member(signature, name)))
                            .toList()));
        } catch (IllegalArgumentException e) {
            throw X509PopAttestation.refused(
                    Code.INVALID_ARGUMENT, "unable to unmarshal challenge response: " + e.getMessage());
        }
    }
}
