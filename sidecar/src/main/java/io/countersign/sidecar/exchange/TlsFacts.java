// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.exchange;

import io.netty.handler.ssl.CipherSuiteConverter;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * One finished TLS handshake.
 *
 * @param peer verified chain, leaf first; empty if the peer showed none
 * @param local own chain, leaf first; empty if none was shown
 * @param serverName what the client asked for in the handshake, letter by letter, or empty
 * @param sessionId in hexadecimal digits; empty if the session has none
 */
public record TlsFacts(
        List<CertificateFacts> peer,
        List<CertificateFacts> local,
        String version,
        String cipher,
        String serverName,
        String sessionId) {
    public TlsFacts {
        peer = List.copyOf(peer);
        local = List.copyOf(local);
        cipher = opensslName(cipher);
    }

    public Optional<CertificateFacts> peerLeaf() {
        return peer.stream().findFirst();
    }

    public Optional<CertificateFacts> localLeaf() {
        return local.stream().findFirst();
    }

    /** When the first of the two leaves runs out; empty if neither side has shown one. */
    public Optional<Instant> validUntil() {
        return Stream.concat(peerLeaf().stream(), localLeaf().stream())
                .map(leaf -> leaf.certificate().getNotAfter().toInstant())
                .min(Comparator.naturalOrder());
    }

    /** Envoy's logs use OpenSSL's names for the suites of TLS 1.2; those of TLS 1.3 are the same everywhere. */
    private static String opensslName(String cipher) {
        return cipher.contains("_WITH_") ? CipherSuiteConverter.toOpenSsl(cipher, true) : cipher;
    }
}
