// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.bootstrap;

import io.netty.handler.ssl.CipherSuiteConverter;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What curves and suites may be called: as by BoringSSL, which Envoy asks for them as well. */
final class TlsNames {
    /** Some have several names. */
    static final List<String> CURVES = List.of(
            "X25519",
            "P-256",
            "P-384",
            "P-521",
            "X25519MLKEM768",
            "MLKEM1024",
            "X25519Kyber768Draft00",
            "x25519",
            "prime256v1",
            "secp256r1",
            "secp384r1",
            "secp521r1");

    /** Of TLS 1.2: Envoy's where a file names none, in its order. */
    private static final List<String> STANDARD = List.of(
            "ECDHE-ECDSA-AES128-GCM-SHA256",
            "ECDHE-ECDSA-CHACHA20-POLY1305",
            "ECDHE-RSA-AES128-GCM-SHA256",
            "ECDHE-RSA-CHACHA20-POLY1305",
            "ECDHE-ECDSA-AES256-GCM-SHA384",
            "ECDHE-RSA-AES256-GCM-SHA384");

    /** Of TLS 1.2. Those with secrets that both sides share are left out: there is no place in the file for one. */
    static final List<String> SUITES = Stream.concat(
                    STANDARD.stream(),
                    Stream.of(
                            "ECDHE-ECDSA-AES128-SHA",
                            "ECDHE-RSA-AES128-SHA",
                            "ECDHE-ECDSA-AES256-SHA",
                            "ECDHE-RSA-AES256-SHA",
                            "AES128-GCM-SHA256",
                            "AES256-GCM-SHA384",
                            "AES128-SHA",
                            "AES256-SHA"))
            .toList();

    private TlsNames() {}

    /** Those that are spoken where a file names none, as {@link #suite} has them. */
    static List<String> standardSuites() {
        return STANDARD.stream().map(TlsNames::registered).toList();
    }

    /**
     * A suite of TLS 1.2 by the name that IANA has for it, which the context asks for; empty if it is none.
     *
     * @param name that one or OpenSSL's
     */
    static Optional<String> suite(String name) {
        return SUITES.stream()
                .filter(one -> one.equals(name) || registered(one).equals(name))
                .findFirst()
                .map(TlsNames::registered);
    }

    private static String registered(String suite) {
        return CipherSuiteConverter.toJava(suite, "TLS");
    }

    /** Whether it is a suite of TLS 1.3, which have another form. */
    static boolean isOfTls13(String suite) {
        return suite.startsWith("TLS_") && !suite.contains("_WITH_");
    }
}
