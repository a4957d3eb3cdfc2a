// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.sidecar;

import com.sun.net.httpserver.HttpServer;
import io.countersign.spiffe.bundle.JwtAuthority;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Signature;
import java.util.Base64;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Signs tokens with keys of its own, which are to be had under {@code /keys}. */
final class Issuer implements AutoCloseable {
    /** As tokens have it. */
    static final String EC = "SHA256withECDSAinP1363Format";

    private final HttpServer server;
    private final KeyPair ec = Authority.keys();
    private final KeyPair rsa = rsaKeys();

    private Issuer(HttpServer server) {
        this.server = server;
        server.createContext("/keys", exchange -> {
            byte[] body = jwks().getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            try (var out = exchange.getResponseBody()) {
                out.write(body);
            }
        });
        server.start();
    }

    static Issuer open() throws IOException {
        return new Issuer(HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0));
    }

    private static KeyPair rsaKeys() {
        try {
            var generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(2048);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    int port() {
        return server.getAddress().getPort();
    }

    String jwks() {
        return jwks(Stream.of(new JwtAuthority("ec", ec.getPublic()), new JwtAuthority("rsa", rsa.getPublic())));
    }

    static String jwks(Stream<JwtAuthority> keys) {
        return keys.map(key -> key.jwk().entrySet().stream()
                        .map(member -> "\"" + member.getKey() + "\":\"" + member.getValue() + "\"")
                        .collect(Collectors.joining(",", "{", "}")))
                .collect(Collectors.joining(",", "{\"keys\":[", "]}"));
    }

    /** @param claims with single quotes in the place of double ones, as all of these */
    String token(String claims) {
        return ec("{'alg':'ES256','kid':'ec'}", claims);
    }

    String ec(String header, String claims) {
        return signed(EC, ec.getPrivate(), header, claims);
    }

    String rsa(String header, String claims) {
        return signed("SHA256withRSA", rsa.getPrivate(), header, claims);
    }

    static String signed(String algorithm, PrivateKey key, String header, String claims) {
        var text = encoded(header) + "." + encoded(claims);
        try {
            var signature = Signature.getInstance(algorithm);
            signature.initSign(key);
            signature.update(text.getBytes(StandardCharsets.US_ASCII));
            return text + "." + Base64.getUrlEncoder().withoutPadding().encodeToString(signature.sign());
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    static String encoded(String text) {
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(text.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
