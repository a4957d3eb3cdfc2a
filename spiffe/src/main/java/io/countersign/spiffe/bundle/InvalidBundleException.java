// SPDX-License-Identifier: Apache-2.0
package io.countersign.spiffe.bundle;

/** A document that is no bundle. Whatever bundle was held before stays. */
public final class InvalidBundleException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    InvalidBundleException(String message) {
        super(message);
    }

    InvalidBundleException(String message, Throwable cause) {
        super(message, cause);
    }
}
