// SPDX-License-Identifier: Apache-2.0
package io.countersign.oidc.document;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.countersign.oidc.http.Handler;
import io.countersign.oidc.http.Request;
import io.countersign.oidc.http.Response;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Says who issues tokens and where their keys are (OpenID Connect Discovery 1.0 section 3), as far as SPIRE says it. What
 * is not configured follows from how the provider was asked, in front of a proxy: {@code X-Forwarded-Host}, {@code
 * X-Forwarded-Proto}, {@code Forwarded}.
 *
 * @param insecureScheme whether a document asked for over plain HTTP may name http addresses
 * @param issuer if it is not the address asked for
 * @param jwksUri if it is neither below the issuer nor the address asked for
 * @param prefix of all paths, beginning with a slash
 */
public record DiscoveryDocument(
        Domains domains, boolean insecureScheme, Optional<URI> issuer, Optional<URI> jwksUri, String prefix)
        implements Handler {
    private static final Pattern FORWARDED_SCHEME = Pattern.compile("proto=(https|http)", Pattern.CASE_INSENSITIVE);

    @Override
    public Response answer(Request request) {
        if (!request.isGet()) {
            return Response.refusal(Response.METHOD_NOT_ALLOWED, "method not allowed");
        }
        var host = request.header("X-Forwarded-Host").orElse(request.host());
        return domains.refusal(host)
                .map(why -> Response.refusal(Response.BAD_REQUEST, why))
                .orElseGet(() -> document(scheme(request) + "://" + host));
    }

    private String scheme(Request request) {
        boolean secure = request.tls()
                || forwardedScheme(request).filter("https"::equals).isPresent();
        return insecureScheme && !secure ? "http" : "https";
    }

    private static Optional<String> forwardedScheme(Request request) {
        return request.header("X-Forwarded-Proto")
                .or(() -> request.header("X-Forwarded-Scheme"))
                .or(() -> request.header("Forwarded")
                        .map(FORWARDED_SCHEME::matcher)
                        .filter(matcher -> matcher.find())
                        .map(matcher -> matcher.group(1)))
                .map(scheme -> scheme.toLowerCase(Locale.ROOT));
    }

    private Response document(String asked) {
        var document = new JsonObject();
        document.addProperty("issuer", issuer.map(URI::toString).orElse(asked + (prefix.equals("/") ? "" : prefix)));
        document.addProperty("jwks_uri", keys(asked));
        // required by the standard; the rest is what SPIRE can do
        document.addProperty("authorization_endpoint", "");
        document.add("response_types_supported", list("id_token"));
        document.add("subject_types_supported", list("public"));
        document.add("id_token_signing_alg_values_supported", list("RS256", "ES256", "ES384"));
        return new Response(Response.OK, Map.of("Content-Type", "application/json"), Pretty.json(document));
    }

    private String keys(String asked) {
        return jwksUri.map(URI::toString)
                .or(() -> issuer.map(DiscoveryDocument::keysBelow))
                .orElseGet(() -> asked + Paths.join(prefix, "keys"));
    }

    private static String keysBelow(URI issuer) {
        return issuer.getScheme() + "://" + issuer.getRawAuthority() + Paths.join(issuer.getRawPath(), "keys");
    }

    private static JsonArray list(String... words) {
        var array = new JsonArray();
        List.of(words).forEach(array::add);
        return array;
    }
}
