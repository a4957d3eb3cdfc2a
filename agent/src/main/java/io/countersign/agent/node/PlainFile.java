// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.node;

import io.countersign.launch.FileFailure;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Reads the files by which a node proves itself. */
final class PlainFile {
    private PlainFile() {}

    interface Reading<T> {
        /** @throws IllegalArgumentException if what is read is of no use */
        T read() throws IOException;
    }

    /** @throws IOException that names the setting and the file, whatever is wrong with it */
    static <T> T read(String setting, Path file, Reading<T> reading) throws IOException {
        try {
            return reading.read();
        } catch (NoSuchFileException e) {
            throw new IOException(setting + " " + file + " is not there", e);
        } catch (IOException e) {
            throw new IOException(setting + " " + file + " cannot be read: " + FileFailure.words(e), e);
        } catch (IllegalArgumentException e) {
            throw new IOException(setting + " " + file + " cannot be used: " + e.getMessage(), e);
        }
    }
}
