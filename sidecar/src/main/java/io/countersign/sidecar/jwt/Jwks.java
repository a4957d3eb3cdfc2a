// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.jwt;

import io.countersign.spiffe.bundle.InvalidBundleException;
import io.countersign.spiffe.bundle.Jwk;
import io.countersign.spiffe.json.Json;
import io.countersign.spiffe.json.JsonException;
import java.security.PublicKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The keys of an issuer (RFC 7517). */
public record Jwks(List<Key> keys) {
    public Jwks {
        keys = List.copyOf(keys);
    }

    public record Key(Optional<String> id, Optional<String> algorithm, PublicKey key) {
        boolean isFor(Token token) {
            boolean named = id.isEmpty() || token.keyId().isEmpty() || id.equals(token.keyId());
            return named
                    && algorithm
                            .filter(own -> !own.equals(token.algorithm().name()))
                            .isEmpty();
        }
    }

    /**
     * A key of another kind takes no part.
     *
     * @throws IllegalArgumentException if it is no key set, or has no key that can be used
     */
    public static Jwks parse(byte[] document) {
        Json json;
        try {
            json = Json.parse(document);
        } catch (JsonException e) {
            throw new IllegalArgumentException("the key set is no JSON: " + e.getMessage(), e);
        }
        if (!(json instanceof Json.Members set)
                || !(set.get("keys").orElse(new Json.Nothing()) instanceof Json.Elements(List<Json> elements))) {
            throw new IllegalArgumentException("the key set has no list \"keys\"");
        }
        var keys = new ArrayList<Key>();
        for (var element : elements) {
            if (element instanceof Json.Members entry) {
                key(entry).ifPresent(keys::add);
            }
        }
        if (keys.isEmpty()) {
            throw new IllegalArgumentException("the key set has no key of type EC or RSA");
        }
        return new Jwks(keys);
    }

    private static Optional<Key> key(Json.Members entry) {
        try {
            return Optional.of(new Key(entry.text("kid"), entry.text("alg"), Jwk.parse(entry)));
        } catch (InvalidBundleException e) {
            return Optional.empty();
        }
    }

    void verify(Token token) throws JwtRefusal {
        var fitting = keys.stream().filter(key -> key.isFor(token)).toList();
        if (fitting.isEmpty()) {
            throw new JwtRefusal(JwtStatus.NO_SUCH_KEY);
        }
        if (fitting.stream().map(Key::key).noneMatch(token::isSignedBy)) {
            throw new JwtRefusal(JwtStatus.VERIFICATION_FAILED);
        }
    }
}
