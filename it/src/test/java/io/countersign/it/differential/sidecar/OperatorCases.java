// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.sidecar;

import io.countersign.it.differential.Answer;
import java.io.IOException;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Pages of the admin listener with options, asked behind the cases of logs and rules, whose counters they show. */
final class OperatorCases {
    private static final String RULES = "filter=%5Ehttp%5C.(noted%7Cprefixed)%5C.rbac%5C.";
    private static final String TYPED = "filter=%5Ehttp%5C.noted%5C.rbac%5C.allowed$%7C%5Eserver%5C.live$&type=";
    private static final String LEAN = "filter=%5Ehttp%5C.lean%5C.downstream_rq_(2xx%7Ctotal)$";

    private OperatorCases() {}

    static List<Case> all(Operated operated) {
        return List.of(
                page(operated, "GET /stats?usedonly&" + RULES),
                page(operated, "GET /stats?usedonly&format=json&" + RULES),
                page(operated, "GET /stats/prometheus?usedonly&" + RULES),
                page(operated, "GET /stats?format=prometheus&usedonly&" + RULES),
                page(operated, "GET /stats?" + TYPED + "All"),
                page(operated, "GET /stats?" + TYPED + "Counters"),
                page(operated, "GET /stats?" + TYPED + "Gauges"),
                page(operated, "GET /stats/prometheus?" + TYPED + "Gauges"),
                page(operated, "GET /stats?histogram_buckets=none&" + TYPED + "Gauges"),
                page(operated, "GET /stats?histogram_buckets&" + TYPED + "Gauges"),
                status(operated, "GET /stats?type=Histograms&" + LEAN),
                status(operated, "GET /stats?type=TextReadouts&" + LEAN),
                status(operated, "GET /stats?type=nonsense"),
                status(operated, "GET /stats?type"),
                status(operated, "GET /stats?format=nonsense"),
                status(operated, "GET /stats?filter=("),
                status(operated, "GET /stats?histogram_buckets=cumulative&" + LEAN),
                status(operated, "GET /stats?histogram_buckets=nonsense"),
                status(operated, "GET /stats/prometheus?text_readouts&" + LEAN),
                status(operated, "GET /config_dump?include_eds"),
                status(operated, "POST /logging?paths=main:info"),
                status(operated, "GET /hot_restart_version"),
                operated.asked("operator: counters begin anew", OperatorCases::reset));
    }

    private static Case page(Operated operated, String request) {
        return operated.asked(
                "operator: " + request, sidecar -> Admin.asked(sidecar, request, "", OperatorCases::sorted));
    }

    /** Labels have no order. */
    private static String sorted(String text) {
        return text.lines()
                .map(line -> line.startsWith("envoy_")
                        ? Stream.of(line.split("[{},]")).sorted().toList().toString()
                        : line)
                .collect(Collectors.joining("\n"));
    }

    /** Only whether there is an answer: its words, if it is refused, are each program's own. */
    private static Case status(Operated operated, String request) {
        return operated.asked(
                "operator: " + request,
                sidecar -> Answer.empty()
                        .with(
                                "status",
                                String.valueOf(Admin.asked(sidecar, request, "", text -> text)
                                        .fields()
                                        .get("status"))));
    }

    private static Answer reset(Running sidecar) throws IOException {
        return Answer.empty()
                .with("before", Admin.get(sidecar, "/stats?" + LEAN))
                .with("told", Admin.post(sidecar, "/reset_counters"))
                .with("after", Admin.get(sidecar, "/stats?" + LEAN));
    }
}
