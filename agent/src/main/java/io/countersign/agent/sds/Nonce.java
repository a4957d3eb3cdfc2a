// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.sds;

import java.security.SecureRandom;
import java.util.HexFormat;

/** By which a client says to which response its next request is the answer. */
final class Nonce {
    private static final SecureRandom RANDOM = new SecureRandom();

    private Nonce() {}

    static String next() {
        return HexFormat.of().toHexDigits(RANDOM.nextInt());
    }
}
