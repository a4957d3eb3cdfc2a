// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.server;

import io.countersign.agent.entry.RegistrationEntry;
import io.countersign.serverapi.types.Entry;
import java.util.HashMap;
import java.util.Map;

/** The entries of one answer. One that cannot be understood must not take the good ones with it. */
final class ReadEntries {
    private final Map<String, RegistrationEntry> entries = new HashMap<>();
    private final Map<String, String> faults = new HashMap<>();

    /** What is meant for a store of secrets is not for workloads; this agent has no such stores. */
    void read(Entry message) {
        if (message.getStoreSvid()) {
            return;
        }
        try {
            add(Decode.entry(message));
        } catch (IllegalArgumentException e) {
            faults.put(message.getId(), String.valueOf(e.getMessage()));
        }
    }

    void add(RegistrationEntry entry) {
        entries.put(entry.id(), entry);
    }

    /** By id. */
    Map<String, RegistrationEntry> entries() {
        return Map.copyOf(entries);
    }

    /** What is wrong with the others, by their ids. */
    Map<String, String> faults() {
        return Map.copyOf(faults);
    }
}
