// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Access logs, and how a test's file asks for one. */
final class AccessLines {
    private AccessLines() {}

    /** What a log has so far. */
    static String in(Path log) {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** The field, in flow style, that writes such lines there. */
    static String field(Path log, String format) {
        return "access_log: [{name: f, typed_config: {\"@type\": type.googleapis.com/envoy.extensions.access_loggers.file"
                + ".v3.FileAccessLog, path: \"" + log + "\", log_format: {text_format_source: {inline_string: \""
                + format
                + "\\n\"}}}}]";
    }
}
