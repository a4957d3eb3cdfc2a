// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.attest.container;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The folders of the control groups (cgroups(7)), where a user to whom a part of them is delegated makes groups of any name.
 * From within a container they are not to be seen; then nothing is said against a group.
 *
 * @param root where they are mounted
 */
public record GroupFolders(Path root) {
    public static final GroupFolders SYSTEM = new GroupFolders(Path.of("/sys/fs/cgroup"));

    /**
     * Looks whether groups in this one are made by whoever the whole hierarchy belongs to.
     *
     * @param group as the kernel names it, empty for the outermost
     * @throws IOException if it is somebody else's
     */
    public void requireOwners(String group) throws IOException {
        if (group.contains("/..")) {
            return; // outside of what this program sees
        }
        for (var hierarchy : hierarchies()) {
            var folder = Path.of(hierarchy + group);
            if (Files.isDirectory(folder) && !owner(folder).equals(owner(hierarchy))) {
                throw new IOException("the control groups in " + group + " are made by user " + owner(folder)
                        + ", who may name them as they like; neither containers nor pods are there");
            }
        }
    }

    /** One of version 2, or one for each controller of version 1. */
    private List<Path> hierarchies() throws IOException {
        if (!Files.isDirectory(root) || Files.exists(root.resolve("cgroup.controllers"))) {
            return List.of(root);
        }
        try (var folders = Files.list(root)) {
            return folders.filter(Files::isDirectory).toList();
        }
    }

    private static Object owner(Path folder) throws IOException {
        return Files.getAttribute(folder, "unix:uid");
    }
}
