// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.jwt;

import io.countersign.sidecar.bootstrap.JwtProvider.Location;
import io.countersign.sidecar.exchange.Exchange;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Finds tokens in requests, and takes them out. */
final class Extraction {
    private static final String LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";

    private Extraction() {}

    record Found(Location location, String text) {}

    /** All that the locations hold: first of headers, by their names, then of parameters. */
    static List<Found> tokens(List<Location> locations, Exchange exchange) {
        var result = new ArrayList<Found>();
        locations.stream()
                .flatMap(location -> location instanceof Location.Header header ? Stream.of(header) : Stream.of())
                .distinct()
                .sorted(Comparator.comparing(header -> header.name() + header.prefix()))
                .forEach(header -> inHeader(header, exchange, result));
        locations.stream()
                .flatMap(location ->
                        location instanceof Location.Parameter parameter ? Stream.of(parameter) : Stream.of())
                .distinct()
                .sorted(Comparator.comparing(Location.Parameter::name))
                .forEach(parameter -> inQuery(parameter, exchange, result));
        return result;
    }

    private static void inHeader(Location.Header header, Exchange exchange, List<Found> result) {
        var values = exchange.requestHeaders().getAll(header.name());
        // several lines of this one make one value, in which there is one token at most
        var apart =
                header.name().equals("authorization") && values.size() > 1 ? List.of(String.join(",", values)) : values;
        for (var value : apart) {
            int at = value.indexOf(header.prefix());
            if (at >= 0) {
                result.add(new Found(header, behind(value, header.prefix(), at)));
            }
        }
    }

    private static String behind(String value, String prefix, int at) {
        if (!prefix.isEmpty()) {
            for (int i = at + prefix.length(); i < value.length(); i++) {
                if (LETTERS.indexOf(value.charAt(i)) >= 0) {
                    return value.substring(i);
                }
            }
        }
        return value;
    }

    /** Several make one text that is no token: which of them the program behind would take, nobody knows. */
    private static void inQuery(Location.Parameter parameter, Exchange exchange, List<Found> result) {
        var values = parameters(exchange.path()).getOrDefault(parameter.name(), List.of());
        if (!values.isEmpty()) {
            result.add(new Found(parameter, String.join(",", values)));
        }
    }

    /** None of a query that cannot be read, as the program behind may read it in its own way. */
    private static Map<String, List<String>> parameters(String path) {
        try {
            return new QueryStringDecoder(path, StandardCharsets.UTF_8, true, Integer.MAX_VALUE).parameters();
        } catch (IllegalArgumentException e) {
            return Map.of();
        }
    }

    static void remove(Found found, Exchange exchange) {
        switch (found.location()) {
            case Location.Header header -> exchange.requestHeaders().remove(header.name());
            case Location.Parameter parameter -> exchange.rewritePath(without(exchange.path(), parameter.name()));
        }
    }

    private static String without(String path, String parameter) {
        var parts = path.split("\\?", 2);
        if (parts.length < 2) {
            return path;
        }
        var left = Arrays.stream(parts[1].split("&"))
                .filter(one -> !new QueryStringDecoder("?" + one).parameters().containsKey(parameter))
                .collect(Collectors.joining("&"));
        return left.isEmpty() ? parts[0] : parts[0] + "?" + left;
    }
}
