// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.declared;

import com.google.gson.GsonBuilder;
import io.countersign.serverapi.types.Entry;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.common.FlowStyle;

/** Entries as {@link EntriesFile} reads them. */
public final class EntriesDocument {
    private EntriesDocument() {}

    public static String yaml(List<Entry> entries) {
        var settings = DumpSettings.builder()
                .setDefaultFlowStyle(FlowStyle.BLOCK)
                .setIndicatorIndent(2)
                .setIndent(4)
                .setSplitLines(false)
                .build();
        return new Dump(settings).dumpToString(document(entries));
    }

    public static String json(List<Entry> entries) {
        return new GsonBuilder().disableHtmlEscaping().create().toJson(document(entries));
    }

    private static Map<String, Object> document(List<Entry> entries) {
        return Map.of("entries", entries.stream().map(EntriesDocument::named).toList());
    }

    private static Map<String, Object> named(Entry entry) {
        var fields = new LinkedHashMap<String, Object>();
        fields.put("entry_id", entry.getId());
        fields.putAll(EntryFields.of(entry));
        return fields;
    }
}
