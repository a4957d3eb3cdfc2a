// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.audit;

import io.countersign.agent.attest.Attestation;
import io.countersign.agent.entry.Selector;
import io.countersign.rpc.Peer.LocalProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.stream.Collectors;

/**
 * The process that a call comes from.
 *
 * @param executable nothing if this agent may not look
 */
record Caller(LocalProcess process, Optional<String> executable) {
    static Caller of(LocalProcess process) {
        return new Caller(process, executable(process.pid()));
    }

    private static Optional<String> executable(int pid) {
        try {
            return Optional.of(Files.readSymbolicLink(Path.of("/proc", Integer.toString(pid), "exe"))
                    .toString());
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** @param attestation nothing if it was not found out who it is */
    SequencedMap<String, String> members(String method, Optional<Attestation> attestation) {
        var members = new LinkedHashMap<String, String>();
        members.put("method", "/" + method);
        members.put("pid", Integer.toString(process.pid()));
        members.put("uid", Integer.toUnsignedString(process.uid()));
        members.put("gid", Integer.toUnsignedString(process.gid()));
        executable.ifPresent(path -> members.put("executable", path));
        attestation.ifPresent(found -> members.put(
                "selectors",
                found.selectors().keySet().stream()
                        .map(Selector::shown)
                        .sorted()
                        .collect(Collectors.joining(","))));
        return members;
    }
}
