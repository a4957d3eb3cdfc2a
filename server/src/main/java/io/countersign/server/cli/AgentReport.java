// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.cli;

import io.countersign.server.wire.Ids;
import io.countersign.serverapi.types.Agent;
import io.countersign.serverapi.types.SPIFFEID;
import io.countersign.spiffe.SpiffeId;
import java.io.PrintWriter;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Agents in words, as the original prints them. */
final class AgentReport {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss xx zzz", Locale.ROOT)
            .withZone(ZoneId.systemDefault());

    private AgentReport() {}

    /** The ID of the agent that a command is about. */
    static SPIFFEID asked(String id) {
        if (id.isEmpty()) {
            throw new IllegalArgumentException("a SPIFFE ID is required");
        }
        return Ids.message(SpiffeId.parse(id));
    }

    static void print(PrintWriter out, Agent agent) {
        line(out, "SPIFFE ID", EntryReport.id(agent.getId()));
        line(out, "Attestation type", agent.getAttestationType());
        line(out, "Expiration time", TIME.format(Instant.ofEpochSecond(agent.getX509SvidExpiresAt())));
        if (agent.getBanned()) {
            line(out, "Banned", "true");
        } else {
            line(out, "Serial number", agent.getX509SvidSerialNumber());
        }
        line(out, "Can re-attest", Boolean.toString(agent.getCanReattest()));
        if (!agent.getAgentVersion().isEmpty()) {
            line(out, "Agent version", agent.getAgentVersion());
        }
    }

    static void line(PrintWriter out, String label, String value) {
        out.printf("%-18s: %s%n", label, value);
    }
}
