// SPDX-License-Identifier: Apache-2.0
package io.countersign.helper.health;

import io.countersign.helper.delivery.DeliveryException;
import io.countersign.helper.delivery.KeyStoreFile;
import io.countersign.helper.delivery.X509File;
import io.countersign.spiffe.x509.Pem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The files of one identity as they are on the disk, since somebody may have deleted or replaced what was written. What is in
 * one is read anew when it is another file than the last time: to open a key store takes long, and probes come often.
 * Thread-safe.
 */
public final class DiskFiles {
    private record Read(Map<String, Object> file, Optional<Instant> end) {}

    private final List<X509File> files;
    private final Map<Path, Read> read = new ConcurrentHashMap<>();

    public DiskFiles(List<X509File> files) {
        this.files = List.copyOf(files);
    }

    /**
     * When the first of the certificates ends; nothing if no file says that.
     *
     * @throws IOException if a file is missing or cannot be read
     * @throws DeliveryException if a key store cannot be opened
     * @throws IllegalArgumentException if there is something else in a file
     */
    Optional<Instant> end() throws IOException, DeliveryException {
        var ends = new ArrayList<Instant>();
        for (var file : files) {
            end(file).ifPresent(ends::add);
        }
        return ends.stream().min(Comparator.naturalOrder());
    }

    private Optional<Instant> end(X509File file) throws IOException, DeliveryException {
        var now = Files.readAttributes(file.path(), "unix:ino,size,ctime");
        var last = Optional.ofNullable(read.get(file.path()))
                .filter(each -> each.file().equals(now));
        if (last.isPresent()) {
            return last.get().end();
        }
        var end = leaf(file).map(leaf -> leaf.getNotAfter().toInstant());
        read.put(file.path(), new Read(now, end));
        return end;
    }

    private static Optional<X509Certificate> leaf(X509File file) throws IOException, DeliveryException {
        return switch (file) {
            case X509File.Chain _, X509File.Combined _ ->
                Optional.of(
                        Pem.parseCertificates(Files.readAllBytes(file.path())).getFirst());
            case X509File.Pkcs12 store -> Optional.of(new KeyStoreFile(store).leaf());
            case X509File.BundleFolder folder -> {
                try (var inside = Files.list(folder.path())) {
                    if (inside.findAny().isEmpty()) {
                        throw new NoSuchFileException(folder.path() + "/*.pem");
                    }
                }
                yield Optional.empty();
            }
            case X509File.Key _, X509File.Bundle _ -> Optional.empty();
        };
    }
}
