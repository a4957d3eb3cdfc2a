// SPDX-License-Identifier: Apache-2.0
package io.countersign.intruder.attempt;

import java.util.Optional;
import java.util.Set;
import javax.net.ssl.SSLException;

/**
 * A fatal TLS alert by which a server refuses the certificate it was shown, or that it was shown none.
 *
 * @param words as the TLS library has them
 */
record Alert(String words) {
    private static final String RECEIVED = "Received fatal alert: ";
    /** RFC 8446 section 6.2; handshake_failure is how TLS 1.2 says that a certificate is missing. */
    private static final Set<String> ABOUT_CERTIFICATES = Set.of(
            "bad_certificate",
            "unsupported_certificate",
            "certificate_revoked",
            "certificate_expired",
            "certificate_unknown",
            "certificate_required",
            "unknown_ca",
            "access_denied",
            "handshake_failure");

    /** Looks for one in a failure and its causes. */
    static Optional<Alert> in(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            var words = String.valueOf(cause.getMessage());
            int at = words.indexOf(RECEIVED);
            if (cause instanceof SSLException
                    && at >= 0
                    && ABOUT_CERTIFICATES.contains(words.substring(at + RECEIVED.length()))) {
                return Optional.of(new Alert(words));
            }
        }
        return Optional.empty();
    }
}
