// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.sidecar;

import static io.countersign.it.differential.sidecar.HttpCase.Look.AFTERWARDS;

import java.util.List;

/** Requests that are sent again; how often is told to both sides in a header. */
// where lines end is what these are about
@SuppressWarnings("StringConcatToTextBlock")
final class RetryCases {
    private static final String HOST = " HTTP/1.1\nhost: app.test\n";

    private RetryCases() {}

    private static HttpCase retried(String name, String path, String headers) {
        return HttpCase.plain("retried: " + name, "plain", "GET /retried/" + path + HOST + headers + "\n")
                .look(AFTERWARDS);
    }

    static List<Case> all() {
        return List.of(
                retried("good at once", "5xx", ""),
                retried("status", "5xx", "x-do: 503\n"),
                retried("another status", "5xx", "x-do: 500\n"),
                retried("status that is the client's fault", "5xx", "x-do: 404\n"),
                retried("connection that is closed", "5xx", "x-do: close\n"),
                retried("no HTTP", "5xx", "x-do: garbage\n"),
                HttpCase.plain(
                        "retried: with a body",
                        "plain",
                        "POST /retried/5xx" + HOST + "x-do: 503\ncontent-length: 4\n\nbody"),
                retried("connection that is refused", "connecting", ""),
                retried("time for each try", "short", "x-do: hang\n"),
                retried("time for each try, connection closed", "short", "x-do: close\n"),
                retried("time for each try, status", "short", "x-do: 503\n"),
                retried("named status", "codes", "x-do: 418\n"),
                retried("conflict", "codes", "x-do: 409\n"),
                retried("status that is not named", "codes", "x-do: 500\n"),
                retried("status of gRPC that is not named", "grpc", "x-do: grpc\n"));
    }
}
