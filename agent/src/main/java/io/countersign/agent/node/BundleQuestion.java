// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.node;

import io.countersign.agent.server.ServerConnection;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What a service of this machine is told that is asked for a bundle, in the original's words.
 *
 * @param anew whether the server was trusted before, by something else
 * @param attempt the how many-th time it is, from 1
 * @param since when it was asked for the first time
 */
record BundleQuestion(boolean anew, int attempt, Instant since) {
    static BundleQuestion first(boolean anew, Instant now) {
        return new BundleQuestion(anew, 1, now.truncatedTo(ChronoUnit.SECONDS));
    }

    BundleQuestion again() {
        return new BundleQuestion(anew, attempt + 1, since);
    }

    /** The path and query with which that service is asked. */
    URI about(URI url, ServerConnection server) {
        var told = new LinkedHashMap<String, String>();
        told.put("spire-attest-mode", anew ? "rebootstrap" : "bootstrap");
        told.put("spire-connection-attempts", Integer.toString(attempt));
        told.put("spire-attest-start-time", since.toString());
        told.put("spire-server-address", server.host());
        told.put("spire-server-port", Integer.toString(server.port()));
        told.put("spiffe-trust-domain", server.trustDomain().name());
        var query = told.entrySet().stream()
                .map(each -> each.getKey() + "=" + URLEncoder.encode(each.getValue(), StandardCharsets.UTF_8))
                .collect(Collectors.joining("&"));
        var before = Optional.ofNullable(url.getRawQuery())
                .filter(own -> !own.isEmpty())
                .map(own -> own + "&")
                .orElse("");
        var path = url.getRawPath().isEmpty() ? "/" : url.getRawPath();
        return URI.create("http://" + url.getRawAuthority() + path + "?" + before + query);
    }
}
