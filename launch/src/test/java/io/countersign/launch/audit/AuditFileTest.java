// SPDX-License-Identifier: Apache-2.0
package io.countersign.launch.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.launch.audit.AuditSettings.Sync;
import io.countersign.launch.audit.ChainCheck.Finding;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The audit file over crashes, full disks and changes of file, and every way to tamper with it. */
@Timeout(60)
class AuditFileTest {
    private static final long LARGE = 1 << 20;

    @TempDir
    Path folder;

    private Path file;

    @BeforeEach
    void name() {
        file = folder.resolve("audit.jsonl");
    }

    private AuditSettings settings(long maxSize, int keep) {
        return new AuditSettings(file, maxSize, keep, Sync.DISK);
    }

    private AuditFile open() throws IOException {
        return AuditFile.open(settings(LARGE, 0));
    }

    private void write(int lines) throws IOException {
        try (var open = open()) {
            for (int i = 0; i < lines; i++) {
                open.append(List.of("\"event\":\"test " + i + "\""));
            }
        }
    }

    private List<Path> files() throws IOException {
        try (var all = Files.list(folder)) {
            return all.filter(path -> !path.toString().endsWith(".lock")).toList();
        }
    }

    private Finding check() throws IOException {
        return ChainCheck.run(files(), Optional.empty());
    }

    private String broken(Optional<String> head, long line) throws IOException {
        if (ChainCheck.run(List.of(file), head) instanceof Finding.Broken(var where, var number, var why)) {
            assertEquals(file, where);
            assertEquals(line, number);
            return why;
        }
        throw new AssertionError("nothing was noticed");
    }

    private interface Tampering {
        void with(List<String> lines);
    }

    /** Five lines, then something happens to them. */
    private List<String> tampered(Tampering tampering) throws IOException {
        write(5);
        var before = Files.readAllLines(file);
        var lines = new ArrayList<>(before);
        tampering.with(lines);
        Files.write(file, lines);
        return before;
    }

    @Test
    void linesAreChainedByTheirBytes() throws Exception {
        write(2);
        var lines = Files.readAllLines(file);
        var hash = ChainLine.sha256("{\"seq\":1,\"prev\":\"" + "0".repeat(64) + "\",\"event\":\"test 0\"");
        assertEquals(
                "{\"seq\":1,\"prev\":\"" + "0".repeat(64) + "\",\"event\":\"test 0\",\"hash\":\"" + hash + "\"}",
                lines.getFirst());
        assertTrue(lines.getLast().startsWith("{\"seq\":2,\"prev\":\"" + hash + "\""));
        assertEquals(new Finding.Intact(1, 2, ChainLine.parse(lines.getLast()).hash()), check());
    }

    @Test
    void editedLineIsFound() throws Exception {
        tampered(lines -> lines.set(2, lines.get(2).replace("test 2", "test x")));
        assertTrue(broken(Optional.empty(), 3).startsWith("was edited"));
    }

    @Test
    void editedLineWithItsHashWrittenAnewIsFound() throws Exception {
        tampered(lines -> {
            var line = ChainLine.parse(lines.get(1));
            lines.set(2, line.next("\"event\":\"forged\"").text());
        });
        assertTrue(broken(Optional.empty(), 4).contains("was written anew"));
    }

    @Test
    void removedLineIsFound() throws Exception {
        tampered(lines -> lines.remove(2));
        assertEquals(
                "has the number 4, expected 3: lines were removed or put in another order",
                broken(Optional.empty(), 3));
    }

    @Test
    void linesInAnotherOrderAreFound() throws Exception {
        tampered(lines -> lines.add(1, lines.remove(2)));
        assertTrue(broken(Optional.empty(), 2).startsWith("has the number 3, expected 2"));
    }

    @Test
    void linesCutOffAtTheEndAreFoundByWhoeverSawThem() throws Exception {
        var before = tampered(lines -> lines.removeLast());
        var head = ChainLine.parse(before.getLast()).hash();
        assertTrue(broken(Optional.of(head), 4).contains("lines were cut off at the end"));
        var seen = ChainLine.parse(before.get(2)).hash();
        assertTrue(ChainCheck.run(List.of(file), Optional.of(seen)) instanceof Finding.Intact);
    }

    @Test
    void lineWithoutAnEndIsFound() throws Exception {
        write(2);
        Files.writeString(file, "{\"seq\":3,", StandardOpenOption.APPEND);
        assertEquals("is torn: it has no end", broken(Optional.empty(), 3));
    }

    @Test
    void emptyLineIsFound() throws Exception {
        tampered(lines -> lines.add(2, ""));
        assertTrue(broken(Optional.empty(), 3).startsWith("is no audit line"));
    }

    @Test
    void chainGoesOnInTheNextFile() throws Exception {
        try (var open = AuditFile.open(settings(600, 0))) {
            for (int i = 0; i < 20; i++) {
                open.append(List.of("\"event\":\"test " + i + "\""));
            }
        }
        assertTrue(files().size() > 4, files()::toString);
        assertTrue(check() instanceof Finding.Intact(long first, long last, String _) && first == 1 && last == 20);
        var middle = file.resolveSibling("audit.jsonl.6");
        Files.delete(middle);
        assertTrue(check() instanceof Finding.Broken(Path _, long line, String why)
                && line == 1
                && why.contains("lines were removed"));
    }

    @Test
    void oldestFilesAreDeleted() throws Exception {
        try (var open = AuditFile.open(settings(600, 2))) {
            for (int i = 0; i < 20; i++) {
                open.append(List.of("\"event\":\"test " + i + "\""));
            }
        }
        assertEquals(3, files().size());
        assertTrue(check() instanceof Finding.Intact(long first, long last, String _) && first > 1 && last == 20);
    }

    @Test
    void chainGoesOnAfterRestart() throws Exception {
        write(2);
        write(1);
        assertTrue(check() instanceof Finding.Intact(long _, long last, String _) && last == 3);
    }

    @Test
    void chainGoesOnAfterEndBetweenTwoFiles() throws Exception {
        write(2);
        Files.move(file, file.resolveSibling("audit.jsonl.2"));
        write(1);
        assertTrue(check() instanceof Finding.Intact(long _, long last, String _) && last == 3);
    }

    @Test
    void tornLineIsTakenAwayAndTold() throws Exception {
        write(2);
        // longer than the line that comes in its place
        Files.writeString(file, "{\"seq\":3,\"prev" + "x".repeat(1000), StandardOpenOption.APPEND);
        try (var _ = AuditLog.open(settings(LARGE, 0), InstantSource.fixed(Instant.EPOCH))) {
            assertTrue(Files.readString(file).contains("\"torn_bytes_removed\":\"1014\""));
        }
        assertTrue(check() instanceof Finding.Intact(long _, long last, String _) && last == 4);
    }

    @Test
    void fileWhoseEndWasEditedIsNotContinued() throws Exception {
        tampered(lines -> lines.set(4, lines.get(4).replace("test", "Test")));
        var refusal = assertThrows(IOException.class, this::open);
        assertTrue(String.valueOf(refusal.getMessage()).contains("was edited"), refusal::toString);
    }

    @Test
    void twoProcessesDoNotShareAFile() throws Exception {
        try (var _ = open()) {
            var refusal = assertThrows(IOException.class, this::open);
            assertTrue(String.valueOf(refusal.getMessage()).contains("is written by another process"));
        }
        open().close();
    }

    @Test
    void nothingIsHalfWrittenOnAFullDisk() throws Exception {
        var disks = new ArrayList<FullDisk>();
        try (var open = AuditFile.open(settings(LARGE, 0), path -> {
            var disk = new FullDisk(FileChannel.open(
                    path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE));
            disks.add(disk);
            return disk;
        })) {
            open.append(List.of("\"event\":\"before\""));
            disks.getFirst().full = true;
            assertThrows(IOException.class, () -> open.append(List.of("\"event\":\"lost\"", "\"event\":\"too\"")));
            assertTrue(check() instanceof Finding.Intact(long _, long last, String _) && last == 1);
            disks.getFirst().full = false;
            open.append(List.of("\"event\":\"after\""));
        }
        assertTrue(check() instanceof Finding.Intact(long _, long last, String _) && last == 2);
        assertEquals(0, Files.readString(file).split("lost", -1).length - 1);
    }

    @Test
    void manyWritersGetOneChain() throws Exception {
        var records =
                List.of(new AuditRecord(Instant.EPOCH, "test", "OK", "", Map.of(), Map.of("name", "\"quoted\"\n")));
        try (var audit = AuditLog.open(settings(LARGE, 0), InstantSource.fixed(Instant.EPOCH));
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Callable<Boolean> writing = () -> {
                audit.append(records);
                return true;
            };
            for (var done : threads.invokeAll(java.util.Collections.nCopies(500, writing))) {
                assertTrue(done.get());
            }
        }
        assertTrue(check() instanceof Finding.Intact(long _, long last, String _) && last == 502);
    }

    @Test
    void whoComesAfterTheEndIsToldSo() throws Exception {
        var audit = AuditLog.open(settings(LARGE, 0), InstantSource.fixed(Instant.EPOCH));
        audit.close();
        var records = List.of(new AuditRecord(Instant.EPOCH, "test", "OK", "", Map.of(), Map.of()));
        assertThrows(IOException.class, () -> audit.append(records));
    }
}
