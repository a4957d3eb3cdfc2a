// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.config;

import io.countersign.launch.config.ConfigBlock;
import java.util.ArrayList;
import java.util.List;

/** What the file says and the server takes though it changes nothing, or not what it seems to, for the log. */
final class Notices {
    private final List<String> all = new ArrayList<>();

    /** @param key empty for the block itself */
    void add(ConfigBlock block, String key, String words) {
        all.add("line " + block.line(key) + " of the configuration: " + (key + " " + words).strip());
    }

    List<String> all() {
        return List.copyOf(all);
    }
}
