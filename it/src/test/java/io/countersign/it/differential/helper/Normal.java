// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.helper;

import java.nio.file.Path;

/** Words for what differs by nature. */
final class Normal {
    private Normal() {}

    static String output(String text) {
        return text.replaceAll("\\d+\\.\\d+\\.\\d+(-[\\w.-]+)?", "VERSION");
    }

    static String text(String text, Path folder) {
        return text.replace(folder.toString(), "DIR");
    }
}
