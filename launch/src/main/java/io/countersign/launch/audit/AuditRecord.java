// SPDX-License-Identifier: Apache-2.0
package io.countersign.launch.audit;

import com.google.gson.stream.JsonWriter;
import io.countersign.launch.Excerpt;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.Map;

/**
 * One thing that happened.
 *
 * @param event what it was, such as {@code x509_svid.issue}
 * @param result how it ended, a gRPC code; {@code ASKED} for a change that is about to be made, {@code
 *     WOULD_REFUSE} for what a role would refuse
 * @param reason why it was refused; empty if it was not
 * @param origin who it was, under JSON's names
 * @param details what it was about; without secrets
 */
public record AuditRecord(
        Instant time,
        String event,
        String result,
        String reason,
        Map<String, String> origin,
        Map<String, String> details) {
    public static final String ASKED = "ASKED";
    public static final String WOULD_REFUSE = "WOULD_REFUSE";

    /** Of a value; twice what a SPIFFE ID may have. Callers choose some of them, and could fill the disk. */
    static final int LONGEST = 4096;

    /** As the members of a JSON object, without its braces. */
    String members() {
        var out = new StringWriter();
        try (var json = new JsonWriter(out)) {
            json.beginObject();
            json.name("time").value(time.toString());
            json.name("event").value(event);
            json.name("result").value(result);
            if (!reason.isEmpty()) {
                json.name("reason").value(Excerpt.of(reason, LONGEST));
            }
            members(json, "caller", origin);
            members(json, "about", details);
            json.endObject();
        } catch (IOException e) {
            throw new UncheckedIOException("text in memory can always be written", e);
        }
        var object = out.toString();
        return object.substring(1, object.length() - 1);
    }

    private static void members(JsonWriter json, String name, Map<String, String> values) throws IOException {
        if (values.isEmpty()) {
            return;
        }
        json.name(name).beginObject();
        for (var value : values.entrySet()) {
            json.name(value.getKey()).value(Excerpt.of(value.getValue(), LONGEST));
        }
        json.endObject();
    }
}
