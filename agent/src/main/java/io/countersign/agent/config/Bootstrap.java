// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.config;

import java.nio.file.Path;

/** How the agent comes to trust the server for the first time; afterwards its stored bundle counts. */
public sealed interface Bootstrap {
    /** CA certificates as PEM. */
    record PemFile(Path path) implements Bootstrap {}

    /** A SPIFFE bundle document. */
    record SpiffeFile(Path path) implements Bootstrap {}

    /** Whoever answers as the server of the trust domain is believed, once. For tests. */
    record Insecure() implements Bootstrap {}
}
