// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.bootstrap;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a route, or what is around it, says about a filter.
 *
 * @param disabled whether requests do not pass the filter
 * @param withoutBody whether an authorization service is not told the body
 * @param contextExtensions what an authorization service is told besides
 */
public record FilterOverride(boolean disabled, boolean withoutBody, Map<String, String> contextExtensions) {
    public static final FilterOverride NONE = new FilterOverride(false, false, Map.of());

    public FilterOverride {
        contextExtensions = Map.copyOf(contextExtensions);
    }

    /** This one with what stands nearer to the route: its switches hold, its texts are added. */
    public FilterOverride with(FilterOverride nearer) {
        var texts = new LinkedHashMap<>(contextExtensions);
        texts.putAll(nearer.contextExtensions);
        return new FilterOverride(nearer.disabled, nearer.withoutBody, texts);
    }
}
