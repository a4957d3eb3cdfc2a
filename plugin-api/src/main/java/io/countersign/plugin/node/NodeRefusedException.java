// SPDX-License-Identifier: Apache-2.0
package io.countersign.plugin.node;

/** The node is not let in. Its message is told to the node as the reason, and so holds no secret. */
public class NodeRefusedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public NodeRefusedException(String message) {
        super(message);
    }

    public NodeRefusedException(String message, Throwable cause) {
        super(message, cause);
    }
}
