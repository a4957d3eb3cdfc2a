// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.system;

import io.countersign.spiffe.bundle.TrustBundle;
import io.countersign.spiffe.x509.Pem;
import io.countersign.spiffe.x509.X509Svid;
import io.countersign.spiffe.x509.X509SvidValidator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;

/**
 * Opens the three files of a helper in a loop, in the way of {@code docs/operate/certificate-files.md}, and looks whether they
 * belong together. What was seen can be asked for once it is closed.
 */
final class ReadingLoop implements AutoCloseable {
    private static final List<String> NAMES = List.of("svid.pem", "svid_key.pem", "svid_bundle.pem");
    private static final Duration PAUSE = Duration.ofMillis(2);

    private final Path folder;
    private final Thread thread;
    private final Set<String> serials = new TreeSet<>();
    private final List<String> torn = new ArrayList<>();
    private List<byte[]> last = List.of();
    private int sets;
    private volatile boolean done;

    /** @param folder in which a helper lets files appear together */
    ReadingLoop(Path folder) {
        this.folder = folder;
        thread = Thread.ofPlatform().name("reading " + folder).start(this::run);
    }

    private void run() {
        while (!done) {
            try {
                look();
            } catch (NoSuchFileException e) {
                // many states have followed since this one was looked up: a reader looks it up anew
                Thread.onSpinWait();
            } catch (IOException | IllegalArgumentException e) {
                torn.add(e.toString());
            }
            LockSupport.parkNanos(PAUSE.toNanos());
        }
    }

    private void look() throws IOException {
        var newest = folder.resolve("..data").toRealPath();
        var files = new ArrayList<byte[]>();
        for (var name : NAMES) {
            files.add(Files.readAllBytes(newest.resolve(name)));
        }
        sets++;
        if (!isSame(files)) {
            serials.add(belongTogether(files));
            last = files;
        }
    }

    private boolean isSame(List<byte[]> files) {
        if (last.size() != files.size()) {
            return false;
        }
        for (int i = 0; i < files.size(); i++) {
            if (!Arrays.equals(files.get(i), last.get(i))) {
                return false;
            }
        }
        return true;
    }

    private static String belongTogether(List<byte[]> files) {
        var svid = X509Svid.parse(files.get(0), files.get(1));
        var trusted = TrustBundle.ofX509(svid.id().trustDomain(), Pem.parseCertificates(files.get(2)));
        X509SvidValidator.verify(svid.chain(), trusted, Instant.now());
        return svid.serialNumberHex();
    }

    /** How often all three were read. */
    int sets() {
        return sets;
    }

    int serials() {
        return serials.size();
    }

    /** What did not belong together, or was half a file. */
    List<String> torn() {
        return torn;
    }

    @Override
    public void close() throws InterruptedException {
        done = true;
        thread.join();
    }
}
