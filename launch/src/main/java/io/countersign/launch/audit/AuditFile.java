// SPDX-License-Identifier: Apache-2.0
package io.countersign.launch.audit;

import io.countersign.launch.audit.AuditSettings.Sync;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The audit file that is written to. Lines that were cut short, by a crash or a full disk, are taken away again, so that the
 * chain goes on behind the last whole line. For one thread.
 */
final class AuditFile implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(AuditFile.class);

    /** Opens a file for writing, readable and writable by its owner alone. */
    interface Opener {
        FileChannel open(Path file) throws IOException;
    }

    /** What a crash left behind the last whole line; it was never answered for. */
    record Torn(int bytes, String sha256) {}

    private final AuditSettings settings;
    private final Opener opener;
    private final AuditFileLock lock;
    private final Optional<Torn> torn;
    private FileChannel channel;
    private long size;
    private ChainLine last;
    private boolean unclean;

    private AuditFile(
            AuditSettings settings,
            Opener opener,
            AuditFileLock lock,
            FileChannel channel,
            long size,
            Optional<Torn> torn,
            ChainLine last) {
        this.settings = settings;
        this.opener = opener;
        this.lock = lock;
        this.channel = channel;
        this.size = size;
        this.torn = torn;
        this.last = last;
    }

    static AuditFile open(AuditSettings settings) throws IOException {
        return open(settings, AuditFile::channel);
    }

    /** @throws IOException if the file cannot be written, another process writes it, or its last line is not intact */
    static AuditFile open(AuditSettings settings, Opener opener) throws IOException {
        var file = settings.file().toAbsolutePath();
        Files.createDirectories(file.getParent());
        var lock = AuditFileLock.take(file);
        FileChannel channel = null;
        try {
            var last = OlderFiles.of(file).lastLine();
            channel = opener.open(file);
            var end = FileEnd.of(file);
            if (end.lastLine().isPresent()) {
                last = end.lastLine();
            }
            channel.truncate(end.whole());
            return new AuditFile(
                    settings, opener, lock, channel, end.whole(), end.torn(), last.orElse(ChainLine.START));
        } catch (IOException | RuntimeException e) {
            if (channel != null) {
                channel.close();
            }
            lock.close();
            throw e;
        }
    }

    private static FileChannel channel(Path file) throws IOException {
        return FileChannel.open(
                file,
                Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    }

    /** What was taken away at opening. */
    Optional<Torn> torn() {
        return torn;
    }

    /** The last line written. */
    ChainLine last() {
        return last;
    }

    /**
     * Writes lines, all of them or none.
     *
     * @param members of each line, as {@link ChainLine#next} takes them
     * @throws IOException if it cannot be; the chain is as before, and a later call may succeed
     */
    void append(List<String> members) throws IOException {
        if (unclean) {
            channel.truncate(size);
            unclean = false;
        }
        var end = last;
        var text = new StringBuilder();
        for (var each : members) {
            var sealed = end.next(each);
            end = sealed.line();
            text.append(sealed.text()).append('\n');
        }
        var bytes = text.toString().getBytes(StandardCharsets.UTF_8);
        if (size > 0 && size + bytes.length > settings.maxSize()) {
            rotate();
        }
        try {
            write(bytes);
        } catch (IOException e) {
            takeBack(e);
            throw e;
        }
        size += bytes.length;
        last = end;
    }

    private void write(byte[] bytes) throws IOException {
        var buffer = ByteBuffer.wrap(bytes);
        while (buffer.hasRemaining()) {
            channel.write(buffer, size + buffer.position());
        }
        if (settings.sync() == Sync.DISK) {
            channel.force(false);
        }
    }

    private void takeBack(IOException why) {
        try {
            channel.truncate(size);
        } catch (IOException e) {
            unclean = true;
            why.addSuppressed(e);
        }
    }

    private void rotate() throws IOException {
        var older = OlderFiles.of(settings.file().toAbsolutePath());
        channel.force(true);
        older.add(last.number());
        var former = channel;
        channel = opener.open(settings.file());
        size = 0;
        former.close();
        older.sync();
        older.keep(settings.keep());
        log.atInfo()
                .addKeyValue("seq", last.number())
                .addKeyValue("hash", last.hash())
                .log("a new audit file is begun");
    }

    @Override
    public void close() throws IOException {
        try (lock;
                var open = channel) {
            open.force(true);
        }
    }
}
