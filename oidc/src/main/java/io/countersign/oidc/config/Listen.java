// SPDX-License-Identifier: Apache-2.0
package io.countersign.oidc.config;

import java.nio.file.Path;
import java.time.Duration;

/** Where the documents are served; exactly one is configured. */
public sealed interface Listen {
    /** Plain HTTP, for a trusted network or a proxy in front. */
    record Insecure(TcpAddress address) implements Listen {}

    /** Plain HTTP, for a proxy on the same machine. */
    record UnixSocket(Path path) implements Listen {}

    /**
     * HTTPS with a certificate from files.
     *
     * @param sync how often the files are looked at
     */
    record ServingCertFile(Path certificates, Path key, Duration sync, TcpAddress address) implements Listen {}
}
