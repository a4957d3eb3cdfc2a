// SPDX-License-Identifier: Apache-2.0
package io.countersign.launch.config;

/** The text is no HCL; carries the line. */
final class HclSyntaxException extends RuntimeException {
    private final int line;

    HclSyntaxException(int line, String message) {
        super(message);
        this.line = line;
    }

    int line() {
        return line;
    }
}
