// SPDX-License-Identifier: Apache-2.0
package io.countersign.launch.audit;

import java.nio.file.Path;

/**
 * The block {@code audit}, which is ours: SPIRE's programs do not know it.
 *
 * @param file where lines are written; older ones are beside it, with the number of their last line at the end
 * @param maxSize bytes after which a new file is begun
 * @param keep how many older files are kept; 0 for all
 */
public record AuditSettings(Path file, long maxSize, int keep, Sync sync) {
    public AuditSettings {
        if (maxSize < 1 || keep < 0) {
            throw new IllegalArgumentException(
                    "max_size " + maxSize + " and keep " + keep + ", expected at least 1 and 0");
        }
    }

    /** When a line counts as written. */
    public enum Sync {
        /** When the disk has it: lines that come together are forced together. */
        DISK,
        /** When the kernel has it: it survives the server, but not the machine. */
        KERNEL
    }
}
