// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.sds;

import io.countersign.sidecar.bootstrap.TlsSettings.Place;
import io.countersign.sidecar.bootstrap.TlsSettings.SecretRef;
import io.countersign.sidecar.stats.Stats;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A secret in files that somebody else renews. They are read again when one of them has changed; what does not fit together,
 * since only a part of it is new, is tried again, and the last good secret stays. One that stands in the sidecar's own file is
 * good for as long as its certificates are. Thread-safe.
 */
final class SecretFiles implements SecretSource {
    private static final Logger log = LoggerFactory.getLogger(SecretFiles.class);
    private static final long LOOK_MILLIS = 500;
    private static final int MOST_BYTES = 1 << 20;

    private final SecretRef ref;
    private final Stats stats;
    private final Listeners listeners = new Listeners();
    private final CountDownLatch looked = new CountDownLatch(1);
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile @Nullable Secret current;
    private volatile Instant updated = Instant.EPOCH;
    private String lastProblem = "";

    SecretFiles(SecretRef ref, Stats stats) {
        this.ref = ref;
        this.stats = stats;
    }

    @Override
    public void start() {
        Thread.ofVirtual().name("files of " + ref.name()).start(this::keepLooking);
    }

    private void keepLooking() {
        try {
            do {
                look();
                looked.countDown();
            } while (mayChange() && !closed.await(LOOK_MILLIS, TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** What stands in the sidecar's own file is read once. */
    private boolean mayChange() {
        return switch (ref) {
            case SecretRef.Identity(Place chain, Place key) -> isInFile(chain) || isInFile(key);
            case SecretRef.Authorities(Place place) -> isInFile(place);
            case SecretRef.InDocument document -> true;
            case SecretRef.AtAgent atAgent -> true;
        };
    }

    private static boolean isInFile(Place place) {
        return place instanceof Place.InFile;
    }

    private void look() {
        try {
            var found = switch (ref) {
                case SecretRef.Identity(Place chain, Place key) -> SecretParser.identity(read(chain), read(key));
                case SecretRef.Authorities(Place place) -> SecretParser.trust(read(place));
                case SecretRef.InDocument(String name, Path file) -> SecretDocument.read(name, file, SecretFiles::read);
                case SecretRef.AtAgent atAgent ->
                    throw new IllegalStateException("secret \"" + atAgent.name() + "\" is in no file");
            };
            lastProblem = "";
            if (!found.equals(current)) {
                current = found;
                updated = Instant.now();
                stats.count("sds." + ref.name() + ".update_success");
                listeners.tell(ref.name());
                log.atInfo().addKeyValue("secret", ref.name()).log("secret read");
            }
        } catch (IOException | RuntimeException e) {
            var problem = problem(e);
            // the same one at the next look is no news
            if (!problem.equals(lastProblem)) {
                lastProblem = problem;
                stats.count("sds." + ref.name() + ".update_rejected");
                log.atWarn()
                        .addKeyValue("secret", ref.name())
                        .addKeyValue("reason", problem)
                        .addKeyValue("keeping", current == null ? "nothing" : "the last good one")
                        .log(mayChange() ? "cannot use the files, trying again" : "cannot use what the file says");
            }
        }
    }

    /** What nobody has foreseen is told without its words, which may be those of a secret. */
    private static String problem(Exception e) {
        return switch (e) {
            case IOException unreadable -> unreadable.toString();
            case IllegalArgumentException wrong -> String.valueOf(wrong.getMessage());
            default -> e.getClass().getName();
        };
    }

    private static byte[] read(Place place) throws IOException {
        return switch (place) {
            case Place.InFile(Path file) -> read(file);
            case Place.Inline inline -> inline.pem().getBytes(StandardCharsets.UTF_8);
        };
    }

    private static byte[] read(Path file) throws IOException {
        try (var in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(MOST_BYTES + 1);
            if (bytes.length > MOST_BYTES) {
                throw new IOException(file + " is larger than " + MOST_BYTES + " bytes");
            }
            return bytes;
        }
    }

    @Override
    public SecretRef ref() {
        return ref;
    }

    @Override
    public Optional<Secret> current() {
        return Optional.ofNullable(current);
    }

    @Override
    public Instant updated() {
        return updated;
    }

    @Override
    public String version() {
        return "";
    }

    @Override
    public void onChange(Runnable listener) {
        listeners.add(listener);
    }

    /** Files are there or are not: one look is all that a start waits for. */
    @Override
    public void awaitFirst() throws InterruptedException {
        looked.await();
    }

    @Override
    public void close() {
        closed.countDown();
    }
}
