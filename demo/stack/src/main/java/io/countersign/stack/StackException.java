// SPDX-License-Identifier: Apache-2.0
package io.countersign.stack;

/** Why the system cannot run, in words for whoever started it. */
public final class StackException extends RuntimeException {
    public StackException(String message) {
        super(message);
    }

    public StackException(String message, Throwable cause) {
        super(message, cause);
    }
}
