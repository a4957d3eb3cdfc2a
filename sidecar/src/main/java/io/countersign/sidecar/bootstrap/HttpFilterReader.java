// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.bootstrap;

import java.util.ArrayList;
import java.util.List;

/** Reads what requests pass before they are routed. */
final class HttpFilterReader {
    private static final String RBAC = "envoy.extensions.filters.http.rbac.v3.RBAC";
    private static final String ROUTER = "envoy.extensions.filters.http.router.v3.Router";

    private HttpFilterReader() {}

    /** @param all in the file's order, without the router */
    record Filters(List<HttpFilter> all, boolean suppressEnvoyHeaders) {}

    static Filters read(Section section, OwnSettings own) {
        var all = new ArrayList<HttpFilter>();
        boolean routed = false;
        boolean suppress = false;
        for (var filter : section.sections("http_filters")) {
            try (filter) {
                var name = filter.string("name", "");
                filter.refuse("config_discovery", "write typed_config");
                filter.refuse("disabled", "leave the filter out");
                filter.refuse("is_optional", "a filter that is not known is refused");
                if (routed) {
                    filter.problem("", "comes after the router, which must be last");
                }
                var config = filter.section("typed_config");
                if (config.isEmpty()) {
                    filter.problem("typed_config", "is missing");
                    continue;
                }
                try (var typed = config.get()) {
                    if (typed.type().equals(ROUTER)) {
                        routed = true;
                        suppress = router(typed);
                    } else {
                        filter(name, typed, own, all);
                    }
                }
            }
        }
        if (!routed) {
            section.problem("http_filters", "has no router; add " + ROUTER + " as the last one");
        }
        return new Filters(all, suppress);
    }

    private static void filter(String name, Section typed, OwnSettings own, List<HttpFilter> all) {
        var type = typed.type();
        switch (type) {
            case RBAC -> all.add(new HttpFilter.Roles(name, RbacReader.read(typed)));
            case ExtAuthzReader.TYPE ->
                ExtAuthzReader.read(typed).ifPresent(settings -> all.add(new HttpFilter.Authorization(name, settings)));
            case JwtAuthnReader.TYPE -> all.add(new HttpFilter.Tokens(name, JwtAuthnReader.read(typed, own)));
            default -> {
                typed.problem(
                        "@type",
                        "is \"" + type + "\", expected "
                                + String.join(", ", RBAC, ExtAuthzReader.TYPE, JwtAuthnReader.TYPE) + " or " + ROUTER);
                typed.ignoreRest();
            }
        }
    }

    private static boolean router(Section typed) {
        typed.refuse("upstream_log", "use the access_log of the connection manager");
        typed.refuse("start_child_span", "there is no tracing");
        // counters of answers by their status, which are always there
        typed.withoutEffect("dynamic_stats");
        return typed.bool("suppress_envoy_headers", false);
    }
}
