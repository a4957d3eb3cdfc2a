// SPDX-License-Identifier: Apache-2.0
package io.countersign.launch;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.FileAppender;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.Optional;

/**
 * Writes to the file that stands at a path, and begins it anew when that is another one than before, or none: whoever moves old
 * logs away need not tell us. It is looked at when something is written, and at most once a second.
 */
final class FollowedFile extends FileAppender<ILoggingEvent> {
    private static final long PAUSE = Duration.ofSeconds(1).toNanos();

    private Optional<Object> written = Optional.empty();
    private long looked;

    @Override
    public void openFile(String path) throws IOException {
        super.openFile(path);
        written = at(path);
        looked = System.nanoTime();
    }

    @Override
    protected void writeOut(ILoggingEvent event) throws IOException {
        streamWriteLock.lock();
        try {
            if (isStarted() && System.nanoTime() - looked > PAUSE) {
                follow();
            }
            super.writeOut(event);
        } finally {
            streamWriteLock.unlock();
        }
    }

    private void follow() {
        looked = System.nanoTime();
        var there = at(getFile());
        if (there.isEmpty() || !there.equals(written)) {
            try {
                openFile(getFile());
            } catch (IOException e) {
                // what is open goes on, and the next look may find that it works
                addError("log file " + getFile() + " cannot be opened anew", e);
            }
        }
    }

    /** What tells a file from all others, whatever it is called; nothing if there is none. */
    private static Optional<Object> at(String path) {
        try {
            return Optional.ofNullable(Files.readAttributes(Path.of(path), BasicFileAttributes.class)
                    .fileKey());
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
