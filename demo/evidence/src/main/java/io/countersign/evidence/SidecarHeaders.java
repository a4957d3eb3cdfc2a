// SPDX-License-Identifier: Apache-2.0
package io.countersign.evidence;

import io.countersign.spiffe.x509.Pem;
import java.math.BigInteger;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import java.util.function.Function;

/**
 * The headers in which a sidecar says what it saw in its TLS session. They are believed because only the sidecar can
 * reach the program: it sits on the loopback side of it and overwrites what a stranger may have written.
 */
public final class SidecarHeaders {
    private static final String PREFIX = "x-countersign-";

    private SidecarHeaders() {}

    /** @param headers gives the value of a header by its lower-case name */
    public static Sighting read(Function<String, Optional<String>> headers) {
        return new Sighting(
                value(headers, "peer-id").orElse(null),
                value(headers, "local-id").orElse(null),
                serial(headers).orElse(null),
                value(headers, "peer-expires").flatMap(SidecarHeaders::instant).orElse(null),
                value(headers, "tls-version").orElse(null),
                value(headers, "tls-cipher").orElse(null));
    }

    /** Envoy names the serial number of a caller, but of an upstream it hands out the certificate only. */
    private static Optional<String> serial(Function<String, Optional<String>> headers) {
        var named = value(headers, "peer-serial").flatMap(SidecarHeaders::hex);
        return named.isPresent() ? named : value(headers, "peer-certificate").flatMap(SidecarHeaders::serialOf);
    }

    private static Optional<String> value(Function<String, Optional<String>> headers, String name) {
        // a lone dash is how Envoy writes that it knows nothing
        return headers.apply(PREFIX + name).map(String::strip).filter(value -> !value.isEmpty() && !value.equals("-"));
    }

    private static Optional<String> hex(String text) {
        try {
            return Optional.of(Sighting.hex(new BigInteger(text, 16)));
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    private static Optional<String> serialOf(String urlEncodedPem) {
        try {
            var pem = URLDecoder.decode(urlEncodedPem.replace("+", "%2B"), StandardCharsets.UTF_8);
            return Pem.parseCertificates(pem).stream().findFirst().map(Sighting::serialOf);
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static Optional<String> instant(String text) {
        try {
            return Optional.of(Instant.parse(text).toString());
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }
}
