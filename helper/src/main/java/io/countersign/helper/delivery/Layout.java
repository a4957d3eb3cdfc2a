// SPDX-License-Identifier: Apache-2.0
package io.countersign.helper.delivery;

import java.nio.file.Path;
import java.util.List;

/** How the files of one identity come into their places. */
public sealed interface Layout {
    /** Each by itself, one after the other, as the original does. */
    record OneByOne(List<Path> files) implements Layout {
        public OneByOne {
            files = List.copyOf(files);
        }

        @Override
        public void write(List<FileContent> contents, Ownership ownership) throws DeliveryException {
            AtomicFiles.write(contents, ownership);
        }

        @Override
        public void clear() throws DeliveryException {
            for (var file : files) {
                AtomicFiles.clear(file);
            }
        }
    }

    /** All in one step. */
    record Together(Path folder) implements Layout {
        @Override
        public void write(List<FileContent> contents, Ownership ownership) throws DeliveryException {
            new Generations(folder).write(contents, ownership);
        }

        @Override
        public void clear() throws DeliveryException {
            new Generations(folder).clear();
        }
    }

    void write(List<FileContent> contents, Ownership ownership) throws DeliveryException;

    /** Removes what a helper that was killed while it wrote has left. */
    void clear() throws DeliveryException;
}
