// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.bootstrap;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Reads which protocols a connection may change to. */
final class UpgradeReader {
    private UpgradeReader() {}

    static Set<String> allowed(Section around) {
        return read(around).entrySet().stream()
                .filter(Map.Entry::getValue)
                .map(Map.Entry::getKey)
                .collect(Collectors.toUnmodifiableSet());
    }

    /** By protocol, in lower case. */
    static Map<String, Boolean> read(Section around) {
        var result = new LinkedHashMap<String, Boolean>();
        for (var upgrade : around.sections("upgrade_configs")) {
            try (upgrade) {
                upgrade.refuse("filters", "the filters of the connection manager hold for upgrades, too");
                upgrade.refuse("connect_config", "CONNECT is not forwarded");
                var type = upgrade.required("upgrade_type").toLowerCase(Locale.ROOT);
                if (type.equals("connect") || type.equals("connect-udp")) {
                    upgrade.problem("upgrade_type", "is " + type.toUpperCase(Locale.ROOT) + ", which is not forwarded");
                }
                result.put(type, upgrade.bool("enabled", true));
            }
        }
        return result;
    }
}
