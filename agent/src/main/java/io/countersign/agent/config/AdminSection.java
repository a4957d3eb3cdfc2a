// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.config;

import io.countersign.agent.config.AgentConfig.Admin;
import io.countersign.launch.config.ConfigBlock;
import io.countersign.spiffe.SpiffeId;
import io.countersign.spiffe.TrustDomain;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/** The keys of the admin socket. */
final class AdminSection {
    private AdminSection() {}

    /** @param publicSocket where everybody may go; nothing if there is none */
    static Optional<Admin> read(ConfigBlock agent, TrustDomain trustDomain, Optional<Path> publicSocket) {
        var delegates = delegates(agent, trustDomain);
        var socket = agent.string("admin_socket_path")
                .map(path -> Path.of(path).toAbsolutePath().normalize());
        if (socket.isEmpty() && !delegates.isEmpty()) {
            agent.problem(
                    "authorized_delegates", "has no effect without admin_socket_path; set that, too, or remove it");
        }
        if (socket.isPresent()
                && publicSocket
                        .map(path -> path.toAbsolutePath().normalize().getParent())
                        .filter(socket.get()::startsWith)
                        .isPresent()) {
            agent.problem(
                    "admin_socket_path",
                    "\"" + socket.get() + "\" is in the folder of socket_path, to which everybody has access; expected"
                            + " another one");
        }
        return socket.map(path -> new Admin(path, delegates));
    }

    private static Set<SpiffeId> delegates(ConfigBlock agent, TrustDomain trustDomain) {
        var ids = new HashSet<SpiffeId>();
        for (var text : agent.strings("authorized_delegates")) {
            try {
                var id = SpiffeId.parse(text);
                if (!id.isMemberOf(trustDomain)) {
                    throw new IllegalArgumentException(
                            "\"" + text + "\" is not of the trust domain \"" + trustDomain + "\"");
                }
                ids.add(id);
            } catch (IllegalArgumentException e) {
                agent.problem("authorized_delegates", String.valueOf(e.getMessage()));
            }
        }
        return ids;
    }
}
