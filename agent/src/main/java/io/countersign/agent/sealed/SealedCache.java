// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.sealed;

import io.countersign.agent.config.AgentConfig.SvidCache;
import io.countersign.agent.identity.Snapshot;
import io.countersign.agent.identity.Snapshots;
import io.countersign.spiffe.TrustDomain;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file in which the present snapshot is kept, sealed. One virtual thread writes it after each change; changes that come
 * while it writes are written together.
 */
public final class SealedCache implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(SealedCache.class);

    private final Path file;
    private final SealingKey key;
    private final byte[] context;
    private final Semaphore changed = new Semaphore(0);
    private Optional<Following> following = Optional.empty();
    private long saved;
    private volatile boolean closed;

    private record Following(Snapshots snapshots, Snapshots.Subscription subscription) {}

    private SealedCache(Path file, SealingKey key, byte[] context) {
        this.file = file;
        this.key = key;
        this.context = context;
    }

    /** @throws IOException if the key cannot be used */
    public static SealedCache open(SvidCache settings, TrustDomain trustDomain) throws IOException {
        var context = ("countersign svid cache 1 " + trustDomain.name()).getBytes(StandardCharsets.UTF_8);
        return new SealedCache(settings.path(), SealingKey.read(settings.keyFile()), context);
    }

    /** What was kept; nothing if that is nothing, or of no use, of which the log tells. */
    public Optional<Snapshot> load(Instant now) {
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try {
            var snapshot = SnapshotDocument.parse(key.open(Files.readAllBytes(file), context), now);
            log.atInfo()
                    .addKeyValue("entries", snapshot.entries().size())
                    .addKeyValue("svids", snapshot.svids().size())
                    .log("what was held before is served again");
            return Optional.of(snapshot);
        } catch (IOException | RuntimeException e) {
            log.warn("svid_cache {} is of no use and is written anew: {}", file, e.getMessage());
            return Optional.empty();
        }
    }

    /** Keeps what there is from now on. */
    public SealedCache follow(Snapshots snapshots) {
        following = Optional.of(new Following(snapshots, snapshots.subscribe(changed::release)));
        // for what has changed since it was loaded
        changed.release();
        Thread.ofVirtual().name("sealed-cache").start(() -> run(snapshots));
        return this;
    }

    private void run(Snapshots snapshots) {
        try {
            while (!closed) {
                changed.acquire();
                changed.drainPermits();
                save(snapshots.current());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized void save(Snapshot snapshot) {
        if (closed || snapshot.version() == saved) {
            return;
        }
        try {
            write(key.seal(SnapshotDocument.of(snapshot), context));
            saved = snapshot.version();
        } catch (IOException | RuntimeException e) {
            log.warn("svid_cache {} cannot be written, an agent started again would serve an older state: {}", file, e);
        }
    }

    /** Whole or not at all. */
    private void write(byte[] sealed) throws IOException {
        Files.createDirectories(
                Optional.ofNullable(file.toAbsolutePath().getParent()).orElseThrow());
        var fresh = file.resolveSibling(file.getFileName() + ".new");
        Files.deleteIfExists(fresh);
        var mode = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
        try (var channel =
                FileChannel.open(fresh, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), mode)) {
            var bytes = ByteBuffer.wrap(sealed);
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** The node is not to serve any more: nothing stays, nor comes back by a write under way. */
    public synchronized void forget() {
        closed = true;
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            log.atError().setCause(e).log("the svid_cache of a banned node could not be removed");
        }
    }

    /** The last change is written when this returns, and nothing after it. */
    @Override
    public synchronized void close() {
        following.ifPresent(each -> {
            each.subscription().close();
            save(each.snapshots().current());
        });
        closed = true;
        changed.release();
    }
}
