// SPDX-License-Identifier: Apache-2.0
package io.countersign.rpc;

/**
 * What strangers may take of a socket.
 *
 * @param connections how many one process may have, and four times as many all processes of an origin; what is more is
 *     closed at once
 * @param calls how many may be open on one connection
 * @param messageBytes the largest request that is read
 */
public record SocketLimits(int connections, int calls, int messageBytes) {
    /** As gRPC has it. */
    static final SocketLimits NONE = new SocketLimits(Integer.MAX_VALUE, Integer.MAX_VALUE, 4 << 20);
}
