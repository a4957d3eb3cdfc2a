// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.bootstrap;

import java.util.LinkedHashMap;
import java.util.Map;

/** Reads {@code typed_per_filter_config}: what holds for a filter on one route, or on all of a virtual host. */
final class FilterOverrideReader {
    private static final String EXT_AUTHZ = "envoy.extensions.filters.http.ext_authz.v3.ExtAuthzPerRoute";
    private static final String JWT = "envoy.extensions.filters.http.jwt_authn.v3.PerRouteConfig";
    private static final String ANY = "envoy.config.route.v3.FilterConfig";

    private FilterOverrideReader() {}

    /** By the name of the filter. */
    static Map<String, FilterOverride> read(Section around) {
        var result = new LinkedHashMap<String, FilterOverride>();
        around.named("typed_per_filter_config").forEach((name, section) -> result.put(name, override(section)));
        return result;
    }

    private static FilterOverride override(Section section) {
        try (section) {
            var type = section.type();
            return switch (type) {
                case EXT_AUTHZ -> extAuthz(section);
                case JWT -> {
                    section.refuse("requirement_name", "write a rule of the filter that matches this route's paths");
                    yield new FilterOverride(section.bool("disabled", false), false, Map.of());
                }
                case ANY -> {
                    section.refuse("config", "write the settings themselves in the place of this");
                    section.refuse("is_optional", "a filter that is not known is refused");
                    yield new FilterOverride(section.bool("disabled", false), false, Map.of());
                }
                default -> {
                    section.problem("@type", "is \"" + type + "\", expected " + EXT_AUTHZ + ", " + JWT + " or " + ANY);
                    section.ignoreRest();
                    yield FilterOverride.NONE;
                }
            };
        }
    }

    private static FilterOverride extAuthz(Section section) {
        boolean disabled = section.bool("disabled", false);
        var settings = section.section("check_settings");
        if (settings.isEmpty()) {
            return new FilterOverride(disabled, false, Map.of());
        }
        try (var check = settings.get()) {
            check.refuse("with_request_body", "write it into the filter; disable_request_body_buffering turns it off");
            check.refuse("grpc_service", "write it into the filter");
            check.refuse("http_service", "authorization services are asked over gRPC");
            return new FilterOverride(
                    disabled, check.bool("disable_request_body_buffering", false), check.texts("context_extensions"));
        }
    }
}
