// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.cli;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import io.countersign.serverapi.types.Entry;
import io.countersign.spiffe.SpiffeId;
import io.countersign.spiffe.TrustDomain;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The original's JSON files: {@code {"entries": [{"spiffe_id": "spiffe://…", …}]}}, IDs written out. */
final class EntryFile {
    private static final Set<String> IDS = Set.of("spiffe_id", "parent_id");

    private EntryFile() {}

    /** @param file {@code -} for standard input */
    static String text(String file) throws IOException {
        try {
            return file.equals("-")
                    ? new String(System.in.readAllBytes(), StandardCharsets.UTF_8)
                    : Files.readString(Path.of(file));
        } catch (NoSuchFileException e) {
            throw new IllegalArgumentException("open " + file + ": no such file or directory", e);
        }
    }

    static List<Entry> read(String file) throws IOException {
        try {
            var list = JsonParser.parseString(text(file)).getAsJsonObject().getAsJsonArray("entries");
            if (list == null) {
                throw new IllegalArgumentException("file \"" + file + "\" has no member entries, expected a list");
            }
            var entries = new ArrayList<Entry>();
            for (var element : list) {
                entries.add(entry(element.getAsJsonObject()));
            }
            return entries;
        } catch (JsonParseException | IllegalStateException | InvalidProtocolBufferException e) {
            throw new IllegalArgumentException("file \"" + file + "\" holds no entries: " + e.getMessage(), e);
        }
    }

    private static Entry entry(JsonObject given) throws InvalidProtocolBufferException {
        var message = new JsonObject();
        for (var name : given.keySet()) {
            var value = given.get(name);
            if (IDS.contains(name)) {
                message.add(name, id(value.getAsString()));
            } else if (name.equals("federates_with")) {
                var names = new com.google.gson.JsonArray();
                value.getAsJsonArray()
                        .forEach(domain -> names.add(
                                TrustDomain.parse(domain.getAsString()).name()));
                message.add(name, names);
            } else {
                message.add(name.equals("entry_id") ? "id" : name.equals("entryExpiry") ? "expires_at" : name, value);
            }
        }
        var entry = Entry.newBuilder();
        JsonFormat.parser().merge(message.toString(), entry);
        return entry.build();
    }

    private static JsonElement id(String text) {
        var id = SpiffeId.parse(text);
        var message = new JsonObject();
        message.addProperty("trust_domain", id.trustDomain().name());
        message.addProperty("path", id.path());
        return message;
    }
}
