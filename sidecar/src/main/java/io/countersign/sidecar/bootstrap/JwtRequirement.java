// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.bootstrap;

import java.util.List;
import java.util.stream.Stream;

/** What is demanded of a request's tokens. */
public sealed interface JwtRequirement {
    record Nothing() implements JwtRequirement {}

    /** @param audiences in the place of the provider's own; empty for these */
    record Provider(String name, List<String> audiences) implements JwtRequirement {
        public Provider {
            audiences = List.copyOf(audiences);
        }
    }

    record Any(List<JwtRequirement> among) implements JwtRequirement {
        public Any {
            among = List.copyOf(among);
        }
    }

    record All(List<JwtRequirement> of) implements JwtRequirement {
        public All {
            of = List.copyOf(of);
        }
    }

    /** A token of any provider that is there must be good. */
    record AllowMissing() implements JwtRequirement {}

    /** Tokens are looked at, and let through whatever they are. */
    record AllowMissingOrFailed() implements JwtRequirement {}

    /** The providers that it names. */
    static Stream<String> providers(JwtRequirement requirement) {
        return switch (requirement) {
            case Provider provider -> Stream.of(provider.name());
            case Any any -> any.among().stream().flatMap(JwtRequirement::providers);
            case All all -> all.of().stream().flatMap(JwtRequirement::providers);
            case Nothing nothing -> Stream.empty();
            case AllowMissing allowed -> Stream.empty();
            case AllowMissingOrFailed allowed -> Stream.empty();
        };
    }
}
