// SPDX-License-Identifier: Apache-2.0
package io.countersign.backend.database;

import java.security.cert.X509Certificate;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Carries what the driver's TLS handshake showed back to the code that asked for the connection: the driver makes the
 * verifier itself and gives it no other way to answer. For the one thread that connects.
 */
final class Handshake {
    static final ScopedValue<Handshake> CURRENT = ScopedValue.newInstance();

    /** Both ends' certificates and the session's parameters. */
    record Seen(X509Certificate server, X509Certificate own, String tlsVersion, String cipher) {}

    private @Nullable Seen seen;
    private @Nullable String refusal;

    void complete(X509Certificate server, X509Certificate own, String tlsVersion, String cipher) {
        seen = new Seen(server, own, tlsVersion, cipher);
    }

    void refuse(String why) {
        refusal = why;
    }

    Optional<Seen> seen() {
        return Optional.ofNullable(seen);
    }

    Optional<String> refusal() {
        return Optional.ofNullable(refusal);
    }
}
