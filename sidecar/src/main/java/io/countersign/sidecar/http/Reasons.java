// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.http;

import io.netty.handler.codec.http.HttpResponseStatus;
import java.util.Map;

/** The phrase behind a status code, which an upstream's own does not replace, as with Envoy. */
final class Reasons {
    /** Where Netty's words differ. */
    private static final Map<Integer, String> OTHERS = Map.of(
            208, "Already Reported",
            226, "IM Used",
            413, "Payload Too Large",
            414, "URI Too Long",
            416, "Range Not Satisfiable",
            425, "Too Early",
            508, "Loop Detected",
            510, "Not Extended",
            599, "Last Unassigned Server Error Code");

    private Reasons() {}

    static HttpResponseStatus status(int code) {
        var words = OTHERS.get(code);
        if (words != null) {
            return new HttpResponseStatus(code, words);
        }
        var known = HttpResponseStatus.valueOf(code);
        // Netty makes one up, such as "Client Error (418)"
        return known.reasonPhrase().endsWith(")") ? new HttpResponseStatus(code, "Unknown") : known;
    }
}
