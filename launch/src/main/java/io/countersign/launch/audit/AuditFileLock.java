// SPDX-License-Identifier: Apache-2.0
package io.countersign.launch.audit;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Keeps a second process from writing to the same audit file: two writers would break the chain. */
final class AuditFileLock implements AutoCloseable {
    private final FileChannel channel;

    private AuditFileLock(FileChannel channel) {
        this.channel = channel;
    }

    /** @throws IOException if somebody has it */
    static AuditFileLock take(Path file) throws IOException {
        var path = file.resolveSibling("." + file.getFileName() + ".lock");
        var channel = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            if (channel.tryLock() != null) {
                return new AuditFileLock(channel);
            }
        } catch (OverlappingFileLockException e) {
            channel.close();
            throw inUse(file);
        }
        channel.close();
        throw inUse(file);
    }

    private static IOException inUse(Path file) {
        return new IOException("audit file " + file + " is written by another process; give each its own");
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
