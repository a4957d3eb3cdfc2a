// SPDX-License-Identifier: Apache-2.0
package io.countersign.oidc.http;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What a client asks for.
 *
 * @param path as written, percent signs and all, without the query
 * @param query what follows the question mark, or empty
 * @param host of the request line if that names one, else of the header {@code Host}; may have a port
 * @param headers the first value of each, whatever the case of the name
 * @param tls whether this connection is encrypted, or the request line says https
 * @param peer for logs
 */
public record Request(
        String method, String path, String query, String host, Map<String, String> headers, boolean tls, String peer) {
    public Request {
        var insensitive = new TreeMap<String, String>(String.CASE_INSENSITIVE_ORDER);
        insensitive.putAll(headers);
        headers = insensitive;
    }

    /** A header that is there and not empty. */
    public Optional<String> header(String name) {
        return Optional.ofNullable(headers.get(name)).filter(value -> !value.isEmpty());
    }

    public boolean isGet() {
        return method.equals("GET");
    }

    /** Path and query, for logs and redirects. */
    public String target() {
        return query.isEmpty() ? path : path + "?" + query;
    }
}
