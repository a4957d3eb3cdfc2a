// SPDX-License-Identifier: Apache-2.0
package io.countersign.helper.check;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.countersign.helper.delivery.FileMode;
import io.countersign.helper.delivery.Ownership;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A file as it is on the disk.
 *
 * @param what it holds
 * @param mode as chmod counts, if the file is there
 * @param owner user and group, likewise
 * @param problems what is wrong with it, in words
 */
record FileFinding(String what, Path file, Optional<FileMode> mode, Optional<String> owner, List<String> problems) {
    private static final int PERMISSIONS = 0777;

    FileFinding {
        problems = List.copyOf(problems);
    }

    static FileFinding of(String what, Path file, FileMode expected, Ownership wanted) {
        var problems = new ArrayList<String>();
        try {
            if (!Files.exists(file)) {
                return new FileFinding(what, file, Optional.empty(), Optional.empty(), List.of("is not there"));
            }
            var mode = new FileMode((int) Files.getAttribute(file, "unix:mode") & PERMISSIONS);
            var attributes = Files.getFileAttributeView(file, PosixFileAttributeView.class)
                    .readAttributes();
            var user = attributes.owner().getName();
            var group = attributes.group().getName();
            if (Files.isDirectory(file)) {
                // what is asked for is asked of the files in it
                return new FileFinding(what, file, Optional.of(mode), Optional.of(user + ":" + group), List.of());
            }
            if (!mode.equals(expected)) {
                problems.add("has mode %s, expected %s".formatted(mode, expected));
            }
            compare("owner", user, String.valueOf(Files.getAttribute(file, "unix:uid")), wanted.owner(), problems);
            compare("group", group, String.valueOf(Files.getAttribute(file, "unix:gid")), wanted.group(), problems);
            return new FileFinding(what, file, Optional.of(mode), Optional.of(user + ":" + group), problems);
        } catch (IOException e) {
            problems.add("cannot be looked at: " + e);
            return new FileFinding(what, file, Optional.empty(), Optional.empty(), problems);
        }
    }

    private static void compare(
            String what, String name, String number, Optional<String> wanted, List<String> problems) {
        if (wanted.filter(each -> !each.equals(name) && !each.equals(number)).isPresent()) {
            problems.add("has %s %s, expected %s".formatted(what, name, wanted.get()));
        }
    }

    FileFinding with(String problem) {
        var more = new ArrayList<>(problems);
        more.add(problem);
        return new FileFinding(what, file, mode, owner, more);
    }

    boolean isThere() {
        return mode.isPresent();
    }

    String text() {
        var is = problems.isEmpty() ? "ok " : "BAD";
        var words = "  %s  %-14s %s".formatted(is, what, file);
        if (mode.isPresent()) {
            words += "  %s %s".formatted(mode.get(), owner.orElse(""));
        }
        return problems.isEmpty() ? words : words + ": " + String.join("; ", problems);
    }

    JsonObject json() {
        var json = new JsonObject();
        json.addProperty("what", what);
        json.addProperty("file", file.toString());
        json.addProperty("present", isThere());
        mode.ifPresent(found -> json.addProperty("mode", found.toString()));
        owner.ifPresent(found -> json.addProperty("owner", found));
        json.add("problems", array(problems));
        return json;
    }

    static JsonArray array(List<String> texts) {
        var array = new JsonArray();
        texts.forEach(array::add);
        return array;
    }
}
