// SPDX-License-Identifier: Apache-2.0
package io.countersign.helper.config;

import io.countersign.helper.delivery.FileMode;
import io.countersign.launch.config.ConfigBlock;
import java.util.List;

/** Reads the modes of files. */
record ModeKeys(ConfigBlock root, List<String> warnings) {
    private static final int MOST_MODE = 0777;

    /** Octal with a leading 0, else decimal: the original counts so, although hardly anybody means it. */
    FileMode read(String key, FileMode absent) {
        var text = root.string(key, "");
        if (text.isEmpty()) {
            return absent;
        }
        int bits;
        try {
            bits = Integer.decode(text.replaceFirst("^0[oO]", "0"));
        } catch (NumberFormatException e) {
            root.problem(key, "\"" + text + "\" was found, expected an octal number like " + absent);
            return absent;
        }
        boolean decimal = !text.startsWith("0");
        if (bits < 0 || bits > MOST_MODE) {
            var meant = decimal && bits > 0 ? "; " + text + " is decimal, write 0" + text : "";
            root.problem(key, text + " is out of range, expected 0001 to 0777" + meant);
            return absent;
        }
        if (decimal) {
            warnings.add("%s = %s is decimal and means %s; write 0%s if you mean that"
                    .formatted(key, text, new FileMode(bits), text));
        }
        return bits == 0 ? absent : new FileMode(bits);
    }
}
