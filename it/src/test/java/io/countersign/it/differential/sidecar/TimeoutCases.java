// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.sidecar;

import static io.countersign.it.differential.sidecar.HttpCase.Look.AFTERWARDS;
import static io.countersign.it.differential.sidecar.Routed.HOST;

import io.countersign.it.differential.Answer;
import java.io.IOException;
import java.util.List;

/** How long clients and upstreams are waited for. */
final class TimeoutCases {
    private TimeoutCases() {}

    static List<Case> all(Routed routed) {
        return List.of(
                routed.on(HttpCase.plain(
                                "time-out: of a request whose body does not come",
                                "whole",
                                "POST /" + HOST + "content-length: 9\n\nb")
                        .look(AFTERWARDS)),
                routed.on(HttpCase.plain(
                                "time-out: of a request whose head does not come", "whole", "GET / HTTP/1.1\nhost:")
                        .look(AFTERWARDS)),
                routed.on(HttpCase.plain(
                                "time-out: of a request, and another comes in time",
                                "whole",
                                "GET /1" + HOST + "\n",
                                "POST /2" + HOST + "content-length: 9\n\nb")
                        .look(AFTERWARDS)),
                routed.on(HttpCase.plain("time-out: of a head", "heads", "GET / HTTP/1.1\nhost:")
                        .look(AFTERWARDS)),
                routed.on(HttpCase.plain("time-out: of a head that is a part of a line", "heads", "GE")
                        .look(AFTERWARDS)),
                routed.on("time-out: of a connection upstream", sidecar -> Routed.asked(sidecar, "silent", "")),
                routed.on("time-out: of a connection upstream that nobody uses", TimeoutCases::idle));
    }

    private static Answer idle(Running sidecar) throws IOException {
        var before = Routed.asked(sidecar, "brief", "");
        Admin.awaitCount(sidecar, "cluster.brief.upstream_cx_idle_timeout", "1");
        return Answer.empty()
                .with("before", before)
                .with("after", Routed.asked(sidecar, "brief", ""))
                .with("connections", Routed.counted(sidecar, "cluster\\.brief\\.upstream_cx_(total|idle_timeout)"));
    }
}
