// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.config;

import java.nio.file.Path;
import java.util.Optional;

/** Who signs this server's authorities, if it is not the server itself. */
public sealed interface UpstreamSettings {
    /**
     * An authority in PEM files.
     *
     * @param bundle nothing if the certificate vouches for itself
     */
    record Disk(Path certificate, Path key, Optional<Path> bundle) implements UpstreamSettings {}

    /**
     * Another server of this trust domain.
     *
     * @param workloadApi the socket of an agent of that server, from which this one has its identity there
     */
    record Spire(String host, int port, Path workloadApi) implements UpstreamSettings {}
}
