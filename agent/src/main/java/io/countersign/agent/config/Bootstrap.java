// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.config;

import java.net.URI;
import java.nio.file.Path;

/** How the agent comes to trust the server for the first time; afterwards its stored bundle counts. */
public sealed interface Bootstrap {
    /** CA certificates as PEM. */
    record PemFile(Path path) implements Bootstrap {}

    /** A SPIFFE bundle document. */
    record SpiffeFile(Path path) implements Bootstrap {}

    /**
     * Either of these from a web server that the machine's authorities vouch for.
     *
     * @param spiffe whether it is a SPIFFE bundle document
     */
    record Url(URI url, boolean spiffe) implements Bootstrap {}

    /**
     * The same from a service of this machine, which is told who asks and how often it has done so.
     *
     * @param socket where that service listens
     * @param url what it is asked for, with {@code http} as it is who may open the socket that counts
     */
    record LocalUrl(Path socket, URI url, boolean spiffe) implements Bootstrap {}

    /**
     * What another agent, of the same trust domain or one that federates with it, gives to workloads.
     *
     * @param address such as {@code unix:///run/other/api.sock}
     */
    record WorkloadApi(String address) implements Bootstrap {}

    /** Whoever answers as the server of the trust domain is believed, once. For tests. */
    record Insecure() implements Bootstrap {}
}
