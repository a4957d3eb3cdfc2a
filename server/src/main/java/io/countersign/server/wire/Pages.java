// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.wire;

import io.countersign.datastore.Row;
import io.grpc.Status;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * One page of a list. As with the original, a page that is not empty names a next one, which may be empty.
 *
 * @param nextToken empty after the last page
 */
public record Pages<T>(List<T> items, String nextToken) {
    /** Where the items of a list come from. */
    public interface Rows<T> {
        /** Those after a number, in order. */
        Stream<Row<T>> after(long number);
    }

    /** As {@link #of(Rows, Predicate, int, String)}. */
    public static <T> Pages<T> of(List<Row<T>> rows, Predicate<T> filter, int size, String token) {
        return of(after -> rows.stream().filter(row -> row.number() > after), filter, size, token);
    }

    /**
     * @param size 0 for everything at once
     * @param token the row after which the page begins; empty for the first page, and of no meaning without a size
     */
    public static <T> Pages<T> of(Rows<T> rows, Predicate<T> filter, int size, String token) {
        long after = size > 0 ? after(token) : Long.MIN_VALUE;
        var matching = rows.after(after).filter(row -> filter.test(row.value()));
        var page = (size > 0 ? matching.limit(size) : matching).toList();
        var next = size > 0 && !page.isEmpty() ? Long.toString(page.getLast().number()) : "";
        return new Pages<>(page.stream().map(Row::value).toList(), next);
    }

    private static long after(String token) {
        if (token.isEmpty()) {
            return Long.MIN_VALUE;
        }
        try {
            return Long.parseLong(token);
        } catch (NumberFormatException e) {
            throw Status.INVALID_ARGUMENT
                    .withDescription("could not parse token '" + token + "'")
                    .withCause(e)
                    .asRuntimeException();
        }
    }
}
