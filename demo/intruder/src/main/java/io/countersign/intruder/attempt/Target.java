// SPDX-License-Identifier: Apache-2.0
package io.countersign.intruder.attempt;

import io.countersign.spiffe.SpiffeId;

/**
 * A server to attack.
 *
 * @param id who must answer there, so that a refusal is known to come from the right party
 */
public record Target(String host, int port, SpiffeId id) {
    /** @throws IllegalArgumentException if that is no address of a TCP port */
    public Target {
        if (host.isBlank() || port < 1 || port > 65535) {
            throw new IllegalArgumentException(
                    "\"" + host + ":" + port + "\", expected a host and a port from 1 to 65535");
        }
    }

    /** As URLs have it, an IPv6 address in brackets. */
    String address() {
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }
}
