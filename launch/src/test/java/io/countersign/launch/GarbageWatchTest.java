// SPDX-License-Identifier: Apache-2.0
package io.countersign.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class GarbageWatchTest {
    private long heap = 100;
    private long needed = 100;
    private int collections;

    private final GarbageWatch watch = new GarbageWatch(() -> heap, () -> {
        collections++;
        heap = needed;
    });

    private void lookAt(long size) {
        heap = size;
        watch.look();
    }

    @Test
    void collectsWhatTheHeapHasGrownBy() {
        lookAt(100 + GarbageWatch.WORTH);
        assertEquals(0, collections);
        lookAt(101 + GarbageWatch.WORTH);
        assertEquals(1, collections);
        assertEquals(100, heap);
    }

    @Test
    void letsAHeapBeThatIsNeeded() {
        needed = 100 + 2 * GarbageWatch.WORTH;
        lookAt(needed);
        lookAt(needed + GarbageWatch.WORTH);
        assertEquals(1, collections);
    }

    @Test
    void largeHeapIsStoppedForMore() {
        long large = GarbageWatch.PART * 3 * GarbageWatch.WORTH;
        needed = large;
        lookAt(large);
        lookAt(large + 3 * GarbageWatch.WORTH);
        assertEquals(1, collections);
        lookAt(large + 3 * GarbageWatch.WORTH + 1);
        assertEquals(2, collections);
    }

    @Test
    void comparesWithTheSmallest() {
        lookAt(50);
        lookAt(51 + GarbageWatch.WORTH);
        assertEquals(1, collections);
    }
}
