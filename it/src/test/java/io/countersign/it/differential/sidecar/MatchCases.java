// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.sidecar;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Which route is taken: by every kind of matcher of a header, and by the virtual host that fits best. */
// where lines end is what these are about
@SuppressWarnings("StringConcatToTextBlock")
final class MatchCases {
    private final Routed routed;

    private MatchCases(Routed routed) {
        this.routed = routed;
    }

    static List<Case> all(Routed routed) {
        var cases = new MatchCases(routed);
        var all = new ArrayList<Case>();
        for (var form : List.of("", "-match")) {
            all.add(cases.header("prefix" + form, "abc", "cab", "a"));
            all.add(cases.header("suffix" + form, "xyz", "yzx", "z"));
            all.add(cases.header("contains" + form, "lmno", "m-n"));
            all.add(cases.header("regex" + form, "17-a", "17-ab", "x17-a"));
        }
        all.add(cases.header("folded", "lMNo", "lm-no"));
        all.add(cases.header("inverted", "xab", "abx"));
        all.add(cases.header("empty", "", "a"));
        Stream.of(
                        "exact.b.test",
                        "EXACT.b.test",
                        "a.exact.test",
                        "a.b.test",
                        "x.c.b.test",
                        "c.b.test",
                        "a.other",
                        "a.b.other",
                        "x-b.test",
                        "a-b.test",
                        "b.test",
                        ".b.test",
                        "a.",
                        "exact.b.test:8080",
                        "a.b.test.",
                        "other.test")
                .forEach(host -> all.add(cases.host(host)));
        return all;
    }

    /** A request for each value, and one without the header. */
    private Case header(String route, String... values) {
        var begin = "GET /" + route + " HTTP/1.1\nhost: headers.test\n";
        var requests = Stream.concat(
                Stream.of(values).map(value -> begin + "x-kind: " + value + "\n\n"), Stream.of(begin + "\n"));
        return routed.on(HttpCase.plain("match: header, " + route, "table", requests.toArray(String[]::new)));
    }

    private Case host(String host) {
        return routed.on(HttpCase.plain("match: host " + host, "table", "GET / HTTP/1.1\nhost: " + host + "\n\n"));
    }
}
