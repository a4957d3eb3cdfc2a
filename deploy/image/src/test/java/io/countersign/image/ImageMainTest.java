// SPDX-License-Identifier: Apache-2.0
package io.countersign.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class ImageMainTest {
    private static final Instant TIME = Instant.parse("2026-01-01T00:00:00Z");

    @TempDir
    Path folder;

    /** A root file system, whose files were made in that order, by somebody who hides new files or not, just now or not. */
    private Path root(String name, String permissions, Instant age, String... files) throws IOException {
        var root = folder.resolve(name);
        for (var file : files) {
            var path = root.resolve(file);
            Files.createDirectories(path.getParent());
            Files.writeString(path, "content of " + file);
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permissions));
            Files.setLastModifiedTime(path, FileTime.from(age));
        }
        Files.createSymbolicLink(root.resolve("bin/other"), Path.of("program"));
        Files.createDirectory(root.resolve("tmp"));
        Files.setAttribute(root.resolve("tmp"), "unix:mode", 01777);
        return root;
    }

    private int image(String archive, Path root, String... more) {
        var arguments = new ArrayList<>(Arrays.asList(
                folder.resolve(archive).toString(),
                "--name=countersign/one:1",
                "--user=1000:1000",
                "--layer=" + root,
                "--packed=" + folder.resolve("packed"),
                "--entrypoint=/bin/program",
                "--entrypoint=run",
                "--stop-signal=SIGINT",
                "--label=b=2",
                "--label=a=1",
                "--time=" + TIME));
        arguments.addAll(Arrays.asList(more));
        return new CommandLine(new ImageMain()).execute(arguments.toArray(String[]::new));
    }

    @Test
    void equalFilesMakeEqualImages() throws Exception {
        assertEquals(0, image("1.tar", root("1", "rwxr-xr-x", Instant.EPOCH, "bin/program", "bin/a", "etc/b")));
        assertEquals(0, image("2.tar", root("2", "rwx------", Instant.now(), "etc/b", "bin/program", "bin/a")));
        assertEquals(0, image("3.tar", root("3", "rw-------", Instant.now(), "etc/b", "bin/program", "bin/a")));

        assertEquals(0, image("4.tar", folder.resolve("1")));

        assertArrayEquals(bytes("1.tar"), bytes("2.tar"));
        assertArrayEquals(bytes("1.tar"), bytes("4.tar"), "what was packed before");
        assertFalse(Arrays.equals(bytes("1.tar"), bytes("3.tar")), "what can be executed makes a difference");
    }

    @Test
    void theArchiveSaysOfItselfWhatIsTrue() throws Exception {
        image("1.tar", root("1", "rwx------", Instant.now(), "bin/program"));

        var files = untar(bytes("1.tar"));
        var image = json(file(files, "manifest.json")).getAsJsonArray().get(0).getAsJsonObject();
        assertEquals("[\"countersign/one:1\"]", image.get("RepoTags").toString());
        var config = file(files, image.get("Config").getAsString());
        assertEquals(image.get("Config").getAsString(), Digest.of(config) + ".json");
        var layer = file(files, image.get("Layers").getAsJsonArray().get(0).getAsString());
        var plain = new GZIPInputStream(new ByteArrayInputStream(layer)).readAllBytes();
        var said = json(config).getAsJsonObject();
        assertEquals(
                "[\"sha256:" + Digest.of(plain) + "\"]",
                said.getAsJsonObject("rootfs").get("diff_ids").toString());
        assertEquals(
                "{\"User\":\"1000:1000\",\"Entrypoint\":[\"/bin/program\",\"run\"],\"StopSignal\":\"SIGINT\","
                        + "\"Env\":[\"PATH=/usr/local/bin:/usr/bin:/bin\"],\"Labels\":{\"a\":\"1\",\"b\":\"2\"}}",
                said.get("config").toString());

        var modes = new TreeMap<String, String>();
        entries(plain)
                .forEach((entry, content) -> modes.put(
                        entry.getName(), Integer.toOctalString(entry.getMode() & 07777) + " " + entry.getLinkName()));
        assertEquals(Map.of("bin/", "755 ", "bin/program", "755 ", "bin/other", "777 program", "tmp/", "1777 "), modes);
        for (var entry : entries(plain).keySet()) {
            assertEquals(TIME, entry.getLastModifiedTime().toInstant(), entry.getName());
            assertEquals(0, entry.getLongUserId() + entry.getLongGroupId(), entry.getName());
        }
    }

    @Test
    void whatIsTooLargeIsAFailure() throws Exception {
        assertEquals(1, image("1.tar", root("1", "rwx------", Instant.now(), "bin/program"), "--most-megabytes=0"));
    }

    private byte[] bytes(String archive) throws IOException {
        return Files.readAllBytes(folder.resolve(archive));
    }

    private static JsonElement json(byte[] text) {
        return JsonParser.parseString(new String(text, StandardCharsets.UTF_8));
    }

    private static byte[] file(Map<String, byte[]> files, String name) {
        return Objects.requireNonNull(files.get(name), name);
    }

    private static Map<String, byte[]> untar(byte[] archive) throws IOException {
        var files = new LinkedHashMap<String, byte[]>();
        entries(archive).forEach((entry, content) -> files.put(entry.getName(), content));
        return files;
    }

    private static Map<TarArchiveEntry, byte[]> entries(byte[] archive) throws IOException {
        var found = new LinkedHashMap<TarArchiveEntry, byte[]>();
        try (var tar = new TarArchiveInputStream(new ByteArrayInputStream(archive))) {
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                found.put(entry, tar.readAllBytes());
            }
        }
        return found;
    }
}
