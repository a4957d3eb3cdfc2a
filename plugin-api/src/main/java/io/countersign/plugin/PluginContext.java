// SPDX-License-Identifier: Apache-2.0
package io.countersign.plugin;

import java.util.Map;

/**
 * What a plugin is made with.
 *
 * @param trustDomain the program's own, such as {@code example.org}
 * @param settings the block {@code plugin_data} of the configuration file as it stands there: texts, {@link Boolean},
 *     {@link java.math.BigDecimal}, lists and maps of these; empty without such a block. Keys are as they are written.
 */
public record PluginContext(String trustDomain, Map<String, Object> settings) {
    public PluginContext {
        settings = Map.copyOf(settings);
    }
}
