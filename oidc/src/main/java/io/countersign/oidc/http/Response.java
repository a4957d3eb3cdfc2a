// SPDX-License-Identifier: Apache-2.0
package io.countersign.oidc.http;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a client gets; length, date and connection are added when it is sent.
 *
 * @param headers in order
 * @param body may be empty
 */
public record Response(int status, Map<String, String> headers, String body) {
    public static final int OK = 200;
    public static final int TEMPORARY_REDIRECT = 307;
    public static final int NOT_MODIFIED = 304;
    public static final int BAD_REQUEST = 400;
    public static final int NOT_FOUND = 404;
    public static final int METHOD_NOT_ALLOWED = 405;
    public static final int PRECONDITION_FAILED = 412;
    public static final int HEADERS_TOO_LARGE = 431;
    public static final int INTERNAL_ERROR = 500;
    public static final int NOT_IMPLEMENTED = 501;
    public static final int VERSION_NOT_SUPPORTED = 505;

    public Response {
        headers = Collections.unmodifiableMap(new LinkedHashMap<>(headers));
    }

    /** Nothing but a status. */
    public static Response of(int status) {
        return new Response(status, Map.of(), "");
    }

    /** A refusal in one line, written as Go's web server writes it. */
    public static Response refusal(int status, String why) {
        var headers = new LinkedHashMap<String, String>();
        headers.put("Content-Type", "text/plain; charset=utf-8");
        headers.put("X-Content-Type-Options", "nosniff");
        return new Response(status, headers, why + "\n");
    }
}
