// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.bootstrap;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * Somebody whose tokens are good.
 *
 * @param issuer whom a token must name; empty for anybody
 * @param audiences of which a token must name one; empty for any
 * @param locations where tokens are looked for
 * @param forward whether the program behind gets the token
 * @param payloadHeader in which the program behind gets the claims; empty for none
 * @param skew by how much clocks may differ
 */
public record JwtProvider(
        String issuer,
        List<String> audiences,
        Keys keys,
        List<Location> locations,
        boolean forward,
        String payloadHeader,
        boolean padded,
        Duration skew) {
    public JwtProvider {
        audiences = List.copyOf(audiences);
        locations = List.copyOf(locations);
    }

    /** Where the keys are. */
    public sealed interface Keys {
        record Inline(String jwks) implements Keys {}

        /** Read once, at the start. */
        record InFile(Path file) implements Keys {}

        /**
         * @param uri whose host and path are asked for
         * @param cacheDuration how long an answer is good
         */
        record Remote(String uri, String cluster, Duration timeout, Duration cacheDuration) implements Keys {}

        /**
         * Ours: the bundles that the agent gives, by the trust domain of the token's subject, and the rules of JWT-SVIDs.
         *
         * @param cluster which the agent is
         */
        record OfAgent(String cluster) implements Keys {}
    }

    public sealed interface Location {
        /**
         * @param name in lower case
         * @param prefix behind which the token stands; empty if it is the whole value
         */
        record Header(String name, String prefix) implements Location {}

        record Parameter(String name) implements Location {}
    }
}
