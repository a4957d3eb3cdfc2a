// SPDX-License-Identifier: Apache-2.0
package io.countersign.oidc.document;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.countersign.oidc.http.Handler;
import io.countersign.oidc.http.HttpDate;
import io.countersign.oidc.http.Request;
import io.countersign.oidc.http.Response;
import io.countersign.oidc.keys.KeySet;
import io.countersign.spiffe.bundle.JwtAuthority;
import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The keys that verify this trust domain's JWT-SVIDs, as a JWK set (RFC 7517 section 5). It says of each key the algorithm
 * SPIRE signs with, and is to be kept by nobody: a key may be revoked.
 *
 * @param keys nothing before the first could be fetched
 * @param use whether each key says {@code "use": "sig"}, which some readers insist on
 */
public record KeysDocument(Supplier<Optional<KeySet>> keys, boolean use) implements Handler {
    private static final int LEAST_RSA_BITS = 2048;

    @Override
    public Response answer(Request request) {
        if (!request.isGet()) {
            return Response.refusal(Response.METHOD_NOT_ALLOWED, "method not allowed");
        }
        return keys.get()
                .map(set -> answer(request, set))
                .orElseGet(() -> Response.refusal(Response.INTERNAL_ERROR, "document not available"));
    }

    private Response answer(Request request, KeySet set) {
        if (set.authorities().isEmpty()) {
            return Response.refusal(Response.NOT_IMPLEMENTED, "jwt not supported/enabled in this service");
        }
        var headers = new LinkedHashMap<String, String>();
        headers.put("Cache-Control", "no-cache, no-store, must-revalidate");
        headers.put("Pragma", "no-cache");
        headers.put("Expires", "0");
        headers.put("Last-Modified", HttpDate.text(set.since()));
        var status = conditional(request, set.since().truncatedTo(ChronoUnit.SECONDS));
        if (status == Response.NOT_MODIFIED) {
            return new Response(status, headers, "");
        }
        headers.put("Content-Type", "application/json");
        return new Response(status, headers, status == Response.OK ? Pretty.json(document(set)) : "");
    }

    /** RFC 9110 section 13.2.2, for a document that has a time and no tag. */
    private static int conditional(Request request, Instant modified) {
        var match = request.header("If-Match");
        if (match.isPresent() && !match.get().strip().equals("*")) {
            return Response.PRECONDITION_FAILED;
        }
        var unmodified = request.header("If-Unmodified-Since").flatMap(HttpDate::parse);
        if (match.isEmpty() && unmodified.filter(modified::isAfter).isPresent()) {
            return Response.PRECONDITION_FAILED;
        }
        var noneMatch = request.header("If-None-Match");
        if (noneMatch.isPresent()) {
            return noneMatch.get().strip().equals("*") ? Response.NOT_MODIFIED : Response.OK;
        }
        var since = request.header("If-Modified-Since").flatMap(HttpDate::parse);
        return since.filter(time -> !modified.isAfter(time)).isPresent() ? Response.NOT_MODIFIED : Response.OK;
    }

    private JsonObject document(KeySet set) {
        var array = new JsonArray();
        set.authorities().forEach(authority -> array.add(entry(authority)));
        var document = new JsonObject();
        document.add("keys", array);
        return document;
    }

    private JsonObject entry(JwtAuthority authority) {
        var members = new LinkedHashMap<String, String>();
        if (use) {
            members.put("use", "sig");
        }
        authority.jwk().forEach((name, value) -> {
            // the original's order has the algorithm after the curve
            if (name.equals("x") || name.equals("n")) {
                algorithm(authority.publicKey()).ifPresent(algorithm -> members.put("alg", algorithm));
            }
            members.put(name, value);
        });
        var entry = new JsonObject();
        members.forEach(entry::addProperty);
        return entry;
    }

    /** Nothing for a key that SPIRE would not sign with. */
    private static Optional<String> algorithm(PublicKey key) {
        return switch (key) {
            case RSAPublicKey rsa when rsa.getModulus().bitLength() > LEAST_RSA_BITS - 8 -> Optional.of("RS256");
            case ECPublicKey ec ->
                switch (ec.getParams().getCurve().getField().getFieldSize()) {
                    case 256 -> Optional.of("ES256");
                    case 384 -> Optional.of("ES384");
                    default -> Optional.empty();
                };
            default -> Optional.empty();
        };
    }
}
