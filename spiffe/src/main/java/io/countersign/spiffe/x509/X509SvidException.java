// SPDX-License-Identifier: Apache-2.0
package io.countersign.spiffe.x509;

/** A certificate, key or chain that is not a valid X.509-SVID. The message says which rule it breaks. */
public final class X509SvidException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    X509SvidException(String message) {
        super(message);
    }

    X509SvidException(String message, Throwable cause) {
        super(message, cause);
    }
}
