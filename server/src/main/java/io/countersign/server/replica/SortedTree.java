// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.replica;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.function.Predicate;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * A sorted map that never changes. A changed copy shares all but one path with the original, so it costs the same among ten
 * and, nearly, among a million. Balanced by weight (Adams 1992, with the parameters 3 and 2, which are proven to hold).
 */
public final class SortedTree<K extends Comparable<K>, V> {
    private static final int DELTA = 3;
    private static final int GAMMA = 2;

    private record Node<K, V>(
            K key,
            V value,
            @Nullable Node<K, V> left,
            @Nullable Node<K, V> right,
            int size) {
        Node(K key, V value, @Nullable Node<K, V> left, @Nullable Node<K, V> right) {
            this(key, value, left, right, 1 + SortedTree.size(left) + SortedTree.size(right));
        }
    }

    private final @Nullable Node<K, V> root;

    private SortedTree(@Nullable Node<K, V> root) {
        this.root = root;
    }

    public static <K extends Comparable<K>, V> SortedTree<K, V> empty() {
        return new SortedTree<>(null);
    }

    public static <K extends Comparable<K>, V> SortedTree<K, V> of(Map<K, V> map) {
        List<Map.Entry<K, V>> sorted = new ArrayList<>(map.entrySet());
        sorted.sort(Map.Entry.comparingByKey());
        return new SortedTree<>(built(sorted, 0, sorted.size()));
    }

    private static <K, V> @Nullable Node<K, V> built(List<Map.Entry<K, V>> sorted, int from, int to) {
        if (from == to) {
            return null;
        }
        int middle = (from + to) >>> 1;
        var entry = sorted.get(middle);
        return new Node<>(entry.getKey(), entry.getValue(), built(sorted, from, middle), built(sorted, middle + 1, to));
    }

    public int size() {
        return size(root);
    }

    public Optional<V> get(K key) {
        var node = root;
        while (node != null) {
            int order = key.compareTo(node.key());
            if (order == 0) {
                return Optional.of(node.value());
            }
            node = order < 0 ? node.left() : node.right();
        }
        return Optional.empty();
    }

    /** The value in the place of the one that the key had, if it had one. */
    public SortedTree<K, V> with(K key, V value) {
        return new SortedTree<>(with(root, key, value));
    }

    private static <K extends Comparable<K>, V> Node<K, V> with(@Nullable Node<K, V> node, K key, V value) {
        if (node == null) {
            return new Node<>(key, value, null, null);
        }
        int order = key.compareTo(node.key());
        if (order == 0) {
            return new Node<>(key, value, node.left(), node.right());
        }
        return order < 0
                ? balanced(node, with(node.left(), key, value), node.right())
                : balanced(node, node.left(), with(node.right(), key, value));
    }

    /** The same one if the key is not there. */
    public SortedTree<K, V> without(K key) {
        var rest = without(root, key);
        return size(rest) == size() ? this : new SortedTree<>(rest);
    }

    private static <K extends Comparable<K>, V> @Nullable Node<K, V> without(@Nullable Node<K, V> node, K key) {
        if (node == null) {
            return null;
        }
        int order = key.compareTo(node.key());
        if (order == 0) {
            return joined(node.left(), node.right());
        }
        if (order < 0) {
            var left = without(node.left(), key);
            return size(left) == size(node.left()) ? node : balanced(node, left, node.right());
        }
        var right = without(node.right(), key);
        return size(right) == size(node.right()) ? node : balanced(node, node.left(), right);
    }

    /** Everything on the left is before everything on the right. */
    private static <K extends Comparable<K>, V> @Nullable Node<K, V> joined(
            @Nullable Node<K, V> left, @Nullable Node<K, V> right) {
        if (left == null) {
            return right;
        }
        if (right == null) {
            return left;
        }
        var first = right;
        for (var next = first.left(); next != null; next = next.left()) {
            first = next;
        }
        return balanced(first, left, without(right, first.key()));
    }

    private static <K, V> Node<K, V> balanced(
            Node<K, V> middle, @Nullable Node<K, V> left, @Nullable Node<K, V> right) {
        if (size(left) + size(right) >= 2) {
            if (right != null && size(right) > DELTA * size(left)) {
                return leftwards(middle, left, right);
            }
            if (left != null && size(left) > DELTA * size(right)) {
                return rightwards(middle, left, right);
            }
        }
        return node(middle, left, right);
    }

    private static <K, V> Node<K, V> leftwards(Node<K, V> middle, @Nullable Node<K, V> left, Node<K, V> right) {
        var inner = right.left();
        if (inner == null || size(inner) < GAMMA * size(right.right())) {
            return node(right, node(middle, left, inner), right.right());
        }
        return node(inner, node(middle, left, inner.left()), node(right, inner.right(), right.right()));
    }

    private static <K, V> Node<K, V> rightwards(Node<K, V> middle, Node<K, V> left, @Nullable Node<K, V> right) {
        var inner = left.right();
        if (inner == null || size(inner) < GAMMA * size(left.left())) {
            return node(left, left.left(), node(middle, inner, right));
        }
        return node(inner, node(left, left.left(), inner.left()), node(middle, inner.right(), right));
    }

    private static <K, V> Node<K, V> node(Node<K, V> middle, @Nullable Node<K, V> left, @Nullable Node<K, V> right) {
        return new Node<>(middle.key(), middle.value(), left, right);
    }

    private static int size(@Nullable Node<?, ?> node) {
        return node == null ? 0 : node.size();
    }

    /** In the order of the keys. */
    public Stream<V> values() {
        return values(key -> true);
    }

    /** Those whose keys are after that one, in the order of the keys; they are found without looking at those before. */
    public Stream<V> after(K limit) {
        return values(key -> key.compareTo(limit) > 0);
    }

    /** @param wanted false up to a key and true from there on */
    private Stream<V> values(Predicate<K> wanted) {
        var values = new Values<>(root, wanted);
        return StreamSupport.stream(
                Spliterators.spliteratorUnknownSize(values, Spliterator.ORDERED | Spliterator.NONNULL), false);
    }

    private static final class Values<K, V> implements Iterator<V> {
        /** The next one on top, and below it those that come when what is right of the one above is done. */
        private final ArrayDeque<Node<K, V>> next = new ArrayDeque<>();

        Values(@Nullable Node<K, V> root, Predicate<K> wanted) {
            var node = root;
            while (node != null) {
                if (wanted.test(node.key())) {
                    next.push(node);
                    node = node.left();
                } else {
                    node = node.right();
                }
            }
        }

        @Override
        public boolean hasNext() {
            return !next.isEmpty();
        }

        @Override
        public V next() {
            if (next.isEmpty()) {
                throw new NoSuchElementException("there is no value left");
            }
            var node = next.pop();
            for (var below = node.right(); below != null; below = below.left()) {
                next.push(below);
            }
            return node.value();
        }
    }
}
