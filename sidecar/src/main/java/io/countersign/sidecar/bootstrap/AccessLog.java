// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.bootstrap;

import io.countersign.sidecar.format.LineFilter;
import io.countersign.sidecar.format.LineFormat;
import java.nio.file.Path;

/** One access log: where it goes, what it has lines of, and how they look. */
public record AccessLog(Target target, LineFilter filter, LineFormat format) {
    public sealed interface Target {
        record ToFile(Path path) implements Target {}

        record ToStandardOut() implements Target {}

        record ToStandardError() implements Target {}
    }
}
