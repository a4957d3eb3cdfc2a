// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.match;

import io.countersign.sidecar.exchange.CertificateFacts;

/** Demands that one of a certificate's alternative names, of one kind or of any, matches. */
public record SanMatcher(Kind kind, StringMatcher matcher) {
    public enum Kind {
        ANY,
        EMAIL,
        DNS,
        URI,
        IP_ADDRESS
    }

    public boolean matches(CertificateFacts certificate) {
        return switch (kind) {
            case URI -> certificate.uriSans().stream().anyMatch(matcher::matches);
            case DNS -> certificate.dnsSans().stream().anyMatch(matcher::matches);
            case EMAIL -> certificate.emailSans().stream().anyMatch(matcher::matches);
            case IP_ADDRESS -> certificate.ipSans().stream().anyMatch(matcher::matches);
            case ANY ->
                certificate.uriSans().stream().anyMatch(matcher::matches)
                        || certificate.dnsSans().stream().anyMatch(matcher::matches)
                        || certificate.emailSans().stream().anyMatch(matcher::matches)
                        || certificate.ipSans().stream().anyMatch(matcher::matches);
        };
    }
}
