// SPDX-License-Identifier: Apache-2.0
package io.countersign.helper.delivery;

import java.nio.file.Path;

/** Files could not be written, or what the agent said is not what they are to hold; the files are as they were. */
public final class DeliveryException extends Exception {
    private static final long serialVersionUID = 1L;

    public DeliveryException(String message) {
        super(message);
    }

    public DeliveryException(String message, Throwable cause) {
        super(message, cause);
    }

    static DeliveryException notWritten(Path file, String why, Throwable cause) {
        return new DeliveryException("%s cannot be written: %s".formatted(file, why), cause);
    }
}
