// SPDX-License-Identifier: Apache-2.0
package io.countersign.stack.layout;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A user of this machine, as whom a part runs and to whom its files belong. */
public record Account(String name, int uid, int gid) {
    /** What goes before a command to run it as this user, who then has no other groups. */
    public List<String> prefix() {
        return List.of("setpriv", "--reuid=" + uid, "--regid=" + gid, "--clear-groups");
    }

    /** Gives the file or folder to this user. Only root may. */
    public void own(Path path) throws IOException {
        Files.setAttribute(path, "unix:uid", uid);
        Files.setAttribute(path, "unix:gid", gid);
    }
}
