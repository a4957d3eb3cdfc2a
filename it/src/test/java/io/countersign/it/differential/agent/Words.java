// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.agent;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import io.countersign.agentapi.delegated.FetchJWTSVIDsResponse;
import io.countersign.agentapi.delegated.SubscribeToJWTBundlesResponse;
import io.countersign.agentapi.delegated.SubscribeToX509BundlesResponse;
import io.countersign.agentapi.delegated.SubscribeToX509SVIDsResponse;
import io.countersign.agentapi.delegated.X509SVIDWithKey;
import io.countersign.spiffe.x509.Der;
import io.countersign.spiffe.x509.X509Svid;
import io.countersign.workloadapi.proto.JWTBundlesResponse;
import io.countersign.workloadapi.proto.JWTSVIDResponse;
import io.countersign.workloadapi.proto.ValidateJWTSVIDResponse;
import io.countersign.workloadapi.proto.X509BundlesResponse;
import io.countersign.workloadapi.proto.X509SVID;
import io.countersign.workloadapi.proto.X509SVIDResponse;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Messages of one stream in words: what differs by nature has a number, in the order in which it was first seen. */
final class Words {
    private final Map<Object, String> names = new HashMap<>();
    private final Map<String, Integer> counts = new HashMap<>();

    private String name(String kind, Object value) {
        return names.computeIfAbsent(value, _ -> kind + " " + counts.merge(kind, 1, Integer::sum));
    }

    String svids(X509SVIDResponse response) {
        var words = new ArrayList<String>();
        response.getSvidsList().forEach(svid -> words.add(svid(svid)));
        words.add("crls " + response.getCrlCount());
        new TreeMap<>(response.getFederatedBundlesMap())
                .forEach((domain, bundle) -> words.add(domain + ": " + authorities(bundle)));
        return String.join("\n", words);
    }

    private String svid(X509SVID message) {
        try {
            var svid = X509Svid.parseRaw(
                    message.getX509Svid().toByteArray(),
                    message.getX509SvidKey().toByteArray());
            return message.getSpiffeId() + " hint \"" + message.getHint() + "\" " + certificate(svid.leaf()) + " of "
                    + svid.chain().size() + " with its key of "
                    + svid.privateKey().getAlgorithm() + "; "
                    + authorities(message.getBundle());
        } catch (IllegalArgumentException e) {
            return message.getSpiffeId() + " no svid: " + e.getMessage();
        }
    }

    private String certificate(X509Certificate leaf) {
        var lifetime = Duration.between(
                leaf.getNotBefore().toInstant(), leaf.getNotAfter().toInstant());
        try {
            var names = new ArrayList<String>();
            for (var each : leaf.getSubjectAlternativeNames()) {
                names.add(String.valueOf(each.get(1)));
            }
            return name("certificate", leaf.getSerialNumber()) + " for " + names + " of " + lifetime;
        } catch (CertificateParsingException e) {
            return "unreadable certificate";
        }
    }

    String certificateOrAuthority(X509Certificate certificate) {
        return certificate.getBasicConstraints() < 0 ? certificate(certificate) : name("authority", certificate);
    }

    private String authorities(ByteString der) {
        return Der.parseCertificates(der.toByteArray()).stream()
                .map(authority -> name("authority", authority))
                .toList()
                .toString();
    }

    String delegated(SubscribeToX509SVIDsResponse response) {
        var words = new ArrayList<String>();
        response.getX509SvidsList().forEach(svid -> words.add(delegated(svid)));
        words.add("federates with " + response.getFederatesWithList());
        return String.join("\n", words);
    }

    private String delegated(X509SVIDWithKey message) {
        var svid = message.getX509Svid();
        var leaf = Der.parseCertificates(svid.getCertChain(0).toByteArray()).getFirst();
        boolean ends = svid.getExpiresAt() == leaf.getNotAfter().toInstant().getEpochSecond();
        return svid.getId().getTrustDomain() + svid.getId().getPath() + " hint \"" + svid.getHint() + "\" "
                + certificate(leaf) + " of " + svid.getCertChainCount() + ", its end "
                + (ends ? "as it says" : "another")
                + ", key "
                + Der.parsePkcs8(message.getX509SvidKey().toByteArray()).getAlgorithm();
    }

    String delegated(FetchJWTSVIDsResponse response) {
        var words = new ArrayList<String>();
        response.getSvidsList()
                .forEach(svid ->
                        words.add(svid.getId().getTrustDomain() + svid.getId().getPath() + " hint \""
                                + svid.getHint() + "\" for " + (svid.getExpiresAt() - svid.getIssuedAt()) + " s "
                                + token(svid.getToken())));
        return String.join("\n", words);
    }

    String delegated(SubscribeToX509BundlesResponse response) {
        var words = new ArrayList<String>();
        new TreeMap<>(response.getCaCertificatesMap())
                .forEach((domain, bundle) -> words.add(domain + ": " + authorities(bundle)));
        return String.join("\n", words);
    }

    String delegated(SubscribeToJWTBundlesResponse response) {
        var words = new ArrayList<String>();
        new TreeMap<>(response.getBundlesMap()).forEach((domain, bundle) -> words.add(domain + ": " + jwks(bundle)));
        return String.join("\n", words);
    }

    String bundles(X509BundlesResponse response) {
        var words = new ArrayList<String>();
        words.add("crls " + response.getCrlCount());
        new TreeMap<>(response.getBundlesMap())
                .forEach((domain, bundle) -> words.add(domain + ": " + authorities(bundle)));
        return String.join("\n", words);
    }

    String bundlesOfTokens(JWTBundlesResponse response) {
        var words = new ArrayList<String>();
        new TreeMap<>(response.getBundlesMap()).forEach((domain, bundle) -> words.add(domain + ": " + jwks(bundle)));
        return String.join("\n", words);
    }

    private String jwks(ByteString text) {
        var set = JsonParser.parseString(text.toStringUtf8()).getAsJsonObject();
        var words = new ArrayList<String>();
        set.getAsJsonArray("keys").forEach(each -> {
            var shown = new TreeMap<String, String>();
            each.getAsJsonObject()
                    .asMap()
                    .forEach((name, value) -> shown.put(
                            name,
                            List.of("kid", "x", "y", "n").contains(name)
                                    ? name(name, value.getAsString())
                                    : value.getAsString()));
            words.add(shown.toString());
        });
        // a set has no order
        Collections.sort(words);
        return set.keySet() + " " + words;
    }

    String tokens(JWTSVIDResponse response) {
        var words = new ArrayList<String>();
        response.getSvidsList()
                .forEach(svid ->
                        words.add(svid.getSpiffeId() + " hint \"" + svid.getHint() + "\" " + token(svid.getSvid())));
        return String.join("\n", words);
    }

    String token(String text) {
        var parts = text.split("\\.", -1);
        var header = json(parts[0]);
        header.addProperty("kid", name("kid", header.get("kid")));
        var claims = json(parts[1]);
        long seconds = claims.get("exp").getAsLong() - claims.get("iat").getAsLong();
        claims.addProperty("exp", "iat + " + seconds);
        claims.addProperty("iat", "TIME");
        if (claims.has("jti")) {
            claims.addProperty("jti", name("jti", claims.get("jti")));
        }
        return new TreeMap<>(header.asMap()) + " " + new TreeMap<>(claims.asMap());
    }

    private static JsonObject json(String part) {
        return JsonParser.parseString(new String(Base64.getUrlDecoder().decode(part), StandardCharsets.UTF_8))
                .getAsJsonObject();
    }

    String validated(ValidateJWTSVIDResponse response) {
        try {
            var claims = JsonParser.parseString(JsonFormat.printer().print(response.getClaims()))
                    .getAsJsonObject();
            for (var time : List.of("exp", "iat")) {
                if (claims.has(time)) {
                    claims.addProperty(time, "TIME");
                }
            }
            return response.getSpiffeId() + " " + new TreeMap<>(claims.asMap());
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException(e);
        }
    }
}
