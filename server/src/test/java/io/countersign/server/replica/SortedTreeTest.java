// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.replica;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Against the JDK's tree, which is changed in place. */
class SortedTreeTest {
    private static void assertSameAs(Map<Integer, String> expected, SortedTree<Integer, String> tree) {
        assertEquals(List.copyOf(expected.values()), tree.values().toList());
        assertEquals(expected.size(), tree.size());
    }

    @Test
    void aThousandChangesAgree() {
        var random = new Random(7);
        for (int round = 0; round < 20; round++) {
            var expected = new TreeMap<Integer, String>();
            var tree = SortedTree.<Integer, String>empty();
            for (int i = 0; i < 1000; i++) {
                int key = random.nextInt(200);
                if (random.nextInt(3) > 0) {
                    expected.put(key, "v" + i);
                    tree = tree.with(key, "v" + i);
                } else {
                    expected.remove(key);
                    tree = tree.without(key);
                }
                assertEquals(Optional.ofNullable(expected.get(key)), tree.get(key));
            }
            assertSameAs(expected, tree);
            for (int limit = -1; limit < 201; limit++) {
                assertEquals(
                        List.copyOf(expected.tailMap(limit, false).values()),
                        tree.after(limit).toList());
            }
        }
    }

    @Test
    void whatWasBeforeAChangeStaysAsItWas() {
        var before = SortedTree.of(Map.of(1, "a", 2, "b"));

        var _ = before.with(3, "c").without(1);

        assertEquals(List.of("a", "b"), before.values().toList());
        assertSame(before, before.without(9));
    }

    @Test
    void itIsBuiltOfAMapInTheOrderOfTheKeys() {
        var expected = new TreeMap<Integer, String>();
        for (int i = 0; i < 1000; i++) {
            expected.put(i * 7 % 1000, "v" + i);
        }
        assertSameAs(expected, SortedTree.of(expected));
    }

    /** In order or in reverse: a tree that is not balanced would be as deep as it has keys, and the stack would end. */
    @Test
    void itStaysBalanced() {
        int many = 100_000;
        var tree = SortedTree.<Integer, Integer>empty();
        for (int i = 0; i < many; i++) {
            tree = tree.with(i, i);
        }
        for (int i = 2 * many; i > many; i--) {
            tree = tree.with(i, i);
        }
        var left = new ArrayList<Integer>();
        for (int i = 0; i < many; i += 2) {
            tree = tree.without(i);
        }
        tree.after(many).limit(3).forEach(left::add);
        assertEquals(List.of(many + 1, many + 2, many + 3), left);
        assertEquals(many + many / 2, tree.size());
    }
}
