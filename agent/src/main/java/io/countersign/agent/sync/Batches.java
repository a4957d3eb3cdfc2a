// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.sync;

import java.util.ArrayList;
import java.util.List;

/** Cuts much work into requests, so that the first of it is done soon and the rest with few. */
final class Batches {
    private static final int FIRST = 8;
    /** As many certificates as a server signs for one agent in a second. */
    private static final int MOST = 500;

    private Batches() {}

    /** All of them in order, in lists that double in size. */
    static <T> List<List<T>> growing(List<T> all) {
        var batches = new ArrayList<List<T>>();
        int size = FIRST;
        for (int from = 0; from < all.size(); size = Math.min(MOST, 2 * size)) {
            int until = Math.min(all.size(), from + size);
            batches.add(all.subList(from, until));
            from = until;
        }
        return batches;
    }
}
