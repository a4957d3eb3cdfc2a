// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.entry;

import io.countersign.serverapi.types.EntryMask;

/** What an absent mask stands for. */
final class EntryMaskAll {
    static final EntryMask MASK = all();

    private EntryMaskAll() {}

    private static EntryMask all() {
        var mask = EntryMask.newBuilder();
        EntryMask.getDescriptor().getFields().forEach(field -> mask.setField(field, true));
        return mask.build();
    }
}
