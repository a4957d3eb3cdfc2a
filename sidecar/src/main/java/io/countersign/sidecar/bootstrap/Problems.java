// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.bootstrap;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Collects what is wrong with one file while it is read to its end. */
final class Problems {
    private final List<BootstrapException.Problem> found = new ArrayList<>();

    void add(int line, String path, String message) {
        found.add(new BootstrapException.Problem(line, path, message));
    }

    /** @throws BootstrapException if anything was found */
    void check(String file) {
        if (!found.isEmpty()) {
            found.sort(Comparator.comparingInt(BootstrapException.Problem::line));
            throw new BootstrapException(file, found.stream().distinct().toList());
        }
    }
}
