// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.listener;

import io.countersign.sidecar.bootstrap.ListenerConfig.Transport;
import java.util.List;

/**
 * What a client says before anything else.
 *
 * @param serverName whom it wants to speak to, in lower case, or empty
 * @param protocols that it offers by ALPN, those that it likes best first
 */
record FirstWords(Transport transport, String serverName, List<String> protocols) {
    static final FirstWords PLAIN = new FirstWords(Transport.RAW_BUFFER, "", List.of());

    FirstWords {
        protocols = List.copyOf(protocols);
    }
}
