// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.attest.systemd;

import io.countersign.agent.attest.container.ControlGroups;
import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Pattern;

/** The unit of the system's manager that a control group belongs to, by the names that systemd gives to groups. */
final class UnitName {
    private static final Pattern UNIT = Pattern.compile("_?[A-Za-z0-9:_.\\\\@-]+\\.(service|scope|socket|mount|swap)");

    private UnitName() {}

    /** The first name below the slices; nothing if this is no group of systemd's. */
    static Optional<String> of(ControlGroups groups) {
        return groups.paths().stream().flatMap(path -> of(path).stream()).findFirst();
    }

    private static Optional<String> of(String path) {
        return Arrays.stream(path.split("/"))
                .filter(name -> !name.isEmpty())
                .dropWhile(name -> name.endsWith(".slice"))
                .findFirst()
                .filter(name -> UNIT.matcher(name).matches())
                // in front of a name that the kernel would take for one of its own files
                .map(name -> name.startsWith("_") ? name.substring(1) : name);
    }
}
