// SPDX-License-Identifier: Apache-2.0
package io.countersign.helper;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.helper.delivery.Generations;
import io.countersign.spiffe.bundle.TrustBundle;
import io.countersign.spiffe.x509.Pem;
import io.countersign.spiffe.x509.X509Svid;
import io.countersign.spiffe.x509.X509SvidValidator;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What somebody sees who reads all three files in a loop while the identity, its key and its authority change 300 times. Each
 * state has an authority of its own, so that a mixture of any two files of different states is found out.
 */
final class TornReadTest {
    private static final int ROTATIONS = 300;
    /** If the reader has seen little until then, as it had to wait for its turn. */
    private static final int MOST_ROTATIONS = 5 * ROTATIONS;

    @TempDir
    private Path folder;

    private final AtomicBoolean done = new AtomicBoolean();
    private final AtomicInteger sets = new AtomicInteger();
    private final Set<String> serials = new ConcurrentSkipListSet<>();

    private String conf(String more) throws IOException {
        Files.createDirectories(folder.resolve("certs"));
        return """
                agent_address = "%1$s/agent.sock"
                cert_dir = "%1$s/certs"
                svid_file_name = "svid.pem"
                svid_key_file_name = "key.pem"
                svid_bundle_file_name = "bundle.pem"
                """.formatted(folder) + more;
    }

    /**
     * What a reader saw.
     *
     * @param gone how often a file was not there any more
     * @param torn what did not belong together, or was half a file
     */
    private record Seen(int sets, int gone, Set<String> serials, List<String> torn) {}

    /**
     * @param in gives the folder anew before the three files are opened
     * @param unmoved whether what was read then counts
     */
    private Seen read(Callable<Path> in, Callable<Boolean> unmoved) throws Exception {
        var torn = new ArrayList<String>();
        int gone = 0;
        while (!done.get()) {
            try {
                var where = in.call();
                var svid = Files.readAllBytes(where.resolve("svid.pem"));
                var key = Files.readAllBytes(where.resolve("key.pem"));
                var bundle = Files.readAllBytes(where.resolve("bundle.pem"));
                if (!unmoved.call()) {
                    continue;
                }
                sets.incrementAndGet();
                serials.add(belongTogether(svid, key, bundle));
            } catch (NoSuchFileException e) {
                // a state that many have followed since it was looked up: a reader looks it up anew
                gone++;
            } catch (IllegalArgumentException e) {
                torn.add(String.valueOf(e.getMessage()));
            }
        }
        return new Seen(sets.get(), gone, serials, torn);
    }

    private static String belongTogether(byte[] chain, byte[] key, byte[] bundle) {
        var svid = X509Svid.parse(chain, key);
        var trusted = TrustBundle.ofX509(svid.id().trustDomain(), Pem.parseCertificates(bundle));
        X509SvidValidator.verify(svid.chain(), trusted, Instant.now());
        return svid.serialNumberHex();
    }

    /** Whether a private key could be read by others at any moment, under whatever name. */
    private List<String> readableKeys() throws IOException {
        var readable = new ArrayList<String>();
        while (!done.get()) {
            try (var all = Files.walk(folder.resolve("certs"))) {
                for (var file :
                        all.filter(each -> each.toString().contains("key.pem")).toList()) {
                    var mode = PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
                    if (!mode.endsWith("------")) {
                        readable.add(file + " " + mode);
                    }
                }
            } catch (IOException | UncheckedIOException e) {
                // renamed or deleted while it was looked at
                Thread.onSpinWait();
            }
        }
        return readable;
    }

    private boolean littleIsSeen() {
        return sets.get() <= ROTATIONS / 2 || serials.size() <= ROTATIONS / 10;
    }

    private Seen rotate(String conf, Callable<Path> in) throws Exception {
        return rotate(conf, in, () -> true);
    }

    private Seen rotate(String conf, Callable<Path> in, Callable<Boolean> unmoved) throws Exception {
        try (var agent = new TestAgent(folder.resolve("agent.sock"));
                var threads = Executors.newFixedThreadPool(2)) {
            agent.issue();
            try (var daemon = Daemon.start(conf)) {
                daemon.awaitReady(true);
                var reading = threads.submit(() -> read(in, unmoved));
                var looking = threads.submit(this::readableKeys);
                try {
                    for (int i = 0; i < ROTATIONS || (i < MOST_ROTATIONS && littleIsSeen()); i++) {
                        agent.replaceAuthority();
                        var leaf = agent.issue();
                        Eventually.holds(
                                "the newest leaf is on the disk",
                                () -> Pem.parseCertificates(Files.readAllBytes(folder.resolve("certs/svid.pem")))
                                        .contains(leaf));
                    }
                } finally {
                    done.set(true);
                }
                assertEquals(List.of(), looking.get(), "keys that others could read");
                return reading.get();
            }
        }
    }

    @Test
    void whoLooksUpTheNewestStateNeverSeesAMixture() throws Exception {
        var newest = folder.resolve("certs").resolve(Generations.NEWEST);

        var seen = rotate(conf("countersign { together = true }"), newest::toRealPath);

        assertEquals(List.of(), seen.torn());
        assertTrue(seen.sets() > ROTATIONS / 2, () -> "too few were read: " + seen.sets());
        assertTrue(seen.serials().size() > ROTATIONS / 10, () -> "too few states: " + seen.serials());
    }

    /** For a reader that knows three names only: what it read is of one state if the link did not move meanwhile. */
    @Test
    void whoFindsTheLinkUnmovedHasNotSeenAMixture() throws Exception {
        var certs = folder.resolve("certs");
        var newest = certs.resolve(Generations.NEWEST);
        var before = new Path[1];

        var seen = rotate(
                conf("countersign { together = true }"),
                () -> {
                    before[0] = Files.readSymbolicLink(newest);
                    return certs;
                },
                () -> before[0].equals(Files.readSymbolicLink(newest)));

        assertEquals(List.of(), seen.torn());
        assertTrue(seen.sets() > 0);
    }

    /** Without together: each file is whole at all times, and that is all; whoever reads three may see two states. */
    @Test
    void plainFilesAreWholeEachByItself() throws Exception {
        var certs = folder.resolve("certs");

        var seen = rotate(conf(""), () -> certs);

        assertTrue(
                seen.torn().stream()
                        .allMatch(each ->
                                each.contains("does not belong to the leaf") || each.contains("cannot be verified")),
                () -> "half a file: " + seen.torn());
        assertTrue(seen.sets() > ROTATIONS / 2, () -> "too few were read: " + seen.sets());
    }
}
