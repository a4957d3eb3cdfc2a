// SPDX-License-Identifier: Apache-2.0
package io.countersign.datastore.change;

import java.util.Locale;

/**
 * That something was made, changed or deleted; what it is now stands in its table.
 *
 * @param item which one: an entry's id, a node's SPIFFE ID or a trust domain's name; empty for the own bundle
 */
public record Change(Kind kind, String item) {
    /** What can change. */
    public enum Kind {
        ENTRY,
        NODE,
        /** The trust domain's own. */
        BUNDLE,
        FEDERATED_BUNDLE,
        RELATIONSHIP;

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }

        static Kind of(String word) {
            return valueOf(word.toUpperCase(Locale.ROOT));
        }
    }
}
