// SPDX-License-Identifier: Apache-2.0
package io.countersign.backend;

/** The backend could not start; the reason has been logged. */
final class StartException extends RuntimeException {
    StartException(Throwable cause) {
        super(cause);
    }
}
