// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.bootstrap;

import io.countersign.sidecar.format.LineFormat;
import java.nio.file.Path;

/** One access log: where it goes and how its lines look. */
public record AccessLog(Target target, LineFormat format) {
    public sealed interface Target {
        record ToFile(Path path) implements Target {}

        record ToStandardOut() implements Target {}

        record ToStandardError() implements Target {}
    }
}
