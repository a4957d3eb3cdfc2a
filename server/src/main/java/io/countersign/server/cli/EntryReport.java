// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.cli;

import io.countersign.rpc.CodeNames;
import io.countersign.server.wire.Ids;
import io.countersign.serverapi.types.Entry;
import io.countersign.serverapi.types.SPIFFEID;
import io.countersign.serverapi.types.Status;
import java.io.PrintWriter;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/** Entries in words, as the original prints them. */
final class EntryReport {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss '+0000 UTC'").withZone(ZoneOffset.UTC);

    private EntryReport() {}

    static void print(PrintWriter out, Entry entry) {
        line(out, "Entry ID", entry.getId().isEmpty() ? "(none)" : entry.getId());
        line(out, "SPIFFE ID", id(entry.getSpiffeId()));
        line(out, "Parent ID", id(entry.getParentId()));
        line(out, "Revision", Long.toString(entry.getRevisionNumber()));
        flag(out, "Downstream", entry.getDownstream());
        line(out, "X509-SVID TTL", ttl(entry.getX509SvidTtl()));
        line(out, "JWT-SVID TTL", ttl(entry.getJwtSvidTtl()));
        if (entry.getExpiresAt() != 0) {
            line(out, "Expiration time", TIME.format(Instant.ofEpochSecond(entry.getExpiresAt())));
        }
        entry.getSelectorsList()
                .forEach(selector -> line(out, "Selector", selector.getType() + ":" + selector.getValue()));
        entry.getFederatesWithList().forEach(domain -> line(out, "FederatesWith", domain));
        entry.getDnsNamesList().forEach(name -> line(out, "DNS name", name));
        flag(out, "Admin", entry.getAdmin());
        flag(out, "StoreSvid", entry.getStoreSvid());
        if (!entry.getHint().isEmpty()) {
            line(out, "Hint", entry.getHint());
        }
        var attributes = entry.getAdditionalAttributes();
        flag(out, "DisableX509SvidPrefetch", attributes.getDisableX509SvidPrefetch());
        flag(out, "JwtSvidIncludeJti", attributes.getJwtSvidIncludeJti());
        out.println();
    }

    /** Why one could not be written, and which. */
    static void printFailure(PrintWriter err, String action, Status status, Entry entry) {
        err.printf(
                "Failed to %s the following entry (code: %s, msg: %s):%n",
                action,
                CodeNames.of(io.grpc.Status.fromCodeValue(status.getCode()).getCode()),
                quoted(status.getMessage()));
        print(err, entry);
    }

    static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    /** {@code entry} for one, {@code entries} for any other number. */
    static String noun(int count) {
        return count == 1 ? "entry" : "entries";
    }

    private static void line(PrintWriter out, String label, String value) {
        out.printf("%-24s: %s%n", label, value);
    }

    private static void flag(PrintWriter out, String label, boolean set) {
        if (set) {
            line(out, label, "true");
        }
    }

    private static String ttl(int seconds) {
        return seconds == 0 ? "default" : Integer.toString(seconds);
    }

    static String id(SPIFFEID id) {
        return Ids.text(id);
    }
}
