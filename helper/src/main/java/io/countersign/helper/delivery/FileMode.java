// SPDX-License-Identifier: Apache-2.0
package io.countersign.helper.delivery;

import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Set;

/**
 * Who may read and write a file.
 *
 * @param bits from 0 to 0777, as chmod counts them
 */
public record FileMode(int bits) {
    public static final FileMode PUBLIC = new FileMode(0644);
    public static final FileMode PRIVATE = new FileMode(0600);

    private static final int ALL = 0777;

    /** @throws IllegalArgumentException if there are other bits than the nine of chmod */
    public FileMode {
        if (bits < 0 || bits > ALL) {
            throw new IllegalArgumentException("mode %o is out of range, expected 0 to 0777".formatted(bits));
        }
    }

    Set<PosixFilePermission> permissions() {
        var permissions = EnumSet.noneOf(PosixFilePermission.class);
        int bit = 0400;
        // the constants stand in the order of the bits
        for (var permission : PosixFilePermission.values()) {
            if ((bits & bit) != 0) {
                permissions.add(permission);
            }
            bit >>= 1;
        }
        return permissions;
    }

    @Override
    public String toString() {
        return "%04o".formatted(bits);
    }
}
