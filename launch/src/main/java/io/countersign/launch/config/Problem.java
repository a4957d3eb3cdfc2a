// SPDX-License-Identifier: Apache-2.0
package io.countersign.launch.config;

/** One thing wrong with a file. {@code line} counts from 1; 0 stands for the file as a whole. */
public record Problem(int line, String key, String message) {
    String at(String file) {
        var where = line > 0 ? file + ":" + line : file;
        return key.isEmpty() ? where + ": " + message : where + ": " + key + ": " + message;
    }
}
