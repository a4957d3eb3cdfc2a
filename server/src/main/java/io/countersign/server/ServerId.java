// SPDX-License-Identifier: Apache-2.0
package io.countersign.server;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/** What tells a server from the others that share its database: made at its first start, and kept in its own folder. */
final class ServerId {
    private static final String FILE = "server_id";

    private ServerId() {}

    /** @throws IOException if it can neither be read nor kept */
    static String in(Path dataDir) throws IOException {
        var file = dataDir.resolve(FILE);
        try {
            var text = Files.readString(file, StandardCharsets.ISO_8859_1).strip();
            return UUID.fromString(text).toString();
        } catch (NoSuchFileException e) {
            return made(dataDir);
        } catch (IllegalArgumentException e) {
            throw new IOException(
                    file + " holds no id of a server, expected a UUID; if it is lost, delete the file: the server then"
                            + " begins with new authorities",
                    e);
        }
    }

    private static String made(Path dataDir) throws IOException {
        var id = UUID.randomUUID().toString();
        Files.createDirectories(dataDir);
        var next = dataDir.resolve(FILE + ".next");
        Files.writeString(next, id + "\n");
        // what it signs is written down under this id: after a power cut it must not be another server
        sync(next, StandardOpenOption.WRITE);
        Files.move(next, dataDir.resolve(FILE), StandardCopyOption.ATOMIC_MOVE);
        sync(dataDir, StandardOpenOption.READ);
        return id;
    }

    private static void sync(Path path, StandardOpenOption open) throws IOException {
        try (var channel = FileChannel.open(path, open)) {
            channel.force(true);
        }
    }
}
