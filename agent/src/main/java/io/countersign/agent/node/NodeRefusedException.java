// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.node;

/** The server does not take this node, and asking again would not help. */
public final class NodeRefusedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public NodeRefusedException(String message, Throwable cause) {
        super(message, cause);
    }

    NodeRefusedException(String message) {
        super(message);
    }
}
