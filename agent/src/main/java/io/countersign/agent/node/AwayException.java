// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.node;

import java.io.IOException;

/** What this node needs from elsewhere to begin is not to be had right now; asking again may help. */
final class AwayException extends IOException {
    private static final long serialVersionUID = 1L;

    AwayException(String message, Throwable cause) {
        super(message, cause);
    }

    AwayException(String message) {
        super(message);
    }
}
