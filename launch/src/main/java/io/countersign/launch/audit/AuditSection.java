// SPDX-License-Identifier: Apache-2.0
package io.countersign.launch.audit;

import io.countersign.launch.audit.AuditSettings.Sync;
import io.countersign.launch.config.ConfigBlock;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The block {@code audit}. */
public final class AuditSection {
    private static final String STANDARD_SIZE = "64MiB";
    private static final Pattern SIZE = Pattern.compile("([0-9]{1,9})(B|KiB|MiB|GiB)");
    private static final long SMALLEST = 4096;

    private AuditSection() {}

    public static Optional<AuditSettings> read(ConfigBlock root) {
        return root.block("audit").flatMap(block -> {
            var file = block.string("file");
            if (file.isEmpty()) {
                block.problem("file", "is missing, expected the file to write to");
            }
            long size = size(block);
            int keep = block.integer("keep", 0);
            if (keep < 0) {
                block.problem("keep", "\"" + keep + "\" was found, expected how many older files to keep, 0 for all");
                keep = 0;
            }
            int kept = keep;
            var sync = sync(block);
            return file.map(name -> new AuditSettings(Path.of(name), size, kept, sync));
        });
    }

    private static long size(ConfigBlock block) {
        var text = block.string("max_size", STANDARD_SIZE);
        var matched = SIZE.matcher(text);
        long size = matched.matches() ? bytes(matched) : 0;
        if (size < SMALLEST) {
            block.problem("max_size", "\"" + text + "\" was found, expected 4KiB or more, such as " + STANDARD_SIZE);
            return SMALLEST;
        }
        return size;
    }

    private static long bytes(Matcher matched) {
        int power = switch (matched.group(2)) {
            case "KiB" -> 10;
            case "MiB" -> 20;
            case "GiB" -> 30;
            default -> 0;
        };
        return Long.parseLong(matched.group(1)) << power;
    }

    private static Sync sync(ConfigBlock block) {
        var text = block.string("sync", "disk");
        return switch (text) {
            case "disk" -> Sync.DISK;
            case "kernel" -> Sync.KERNEL;
            default -> {
                block.problem("sync", "\"" + text + "\" was found, expected disk or kernel");
                yield Sync.DISK;
            }
        };
    }
}
