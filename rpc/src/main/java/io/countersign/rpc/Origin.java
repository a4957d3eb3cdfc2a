// SPDX-License-Identifier: Apache-2.0
package io.countersign.rpc;

import java.io.IOException;
import java.util.regex.Pattern;

/**
 * Where a process comes from: a user, in one control group. The groups below the slice of a user are one, as that user makes
 * them, and as many as he likes.
 */
public record Origin(int uid, String controlGroups) {
    private static final Pattern BELOW_A_USER = Pattern.compile("(/user-\\d+\\.slice|/user@\\d+\\.service)/[^\\n]*");

    /** Of the process with this number; in no group if that is not to be seen. */
    public static Origin of(int pid, int uid) {
        try {
            return in(uid, ProcFs.text("/proc/" + pid + "/cgroup"));
        } catch (IOException e) {
            return new Origin(uid, "");
        }
    }

    /** @param groups as the kernel lists them, a line for each hierarchy */
    static Origin in(int uid, String groups) {
        return new Origin(uid, BELOW_A_USER.matcher(groups).replaceAll("$1"));
    }
}
