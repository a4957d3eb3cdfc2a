// SPDX-License-Identifier: Apache-2.0
package io.countersign.helper.delivery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.countersign.helper.SmallDisk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that appear together or not at all. */
final class GenerationsTest {
    @TempDir
    private Path folder;

    private void write(String state) throws DeliveryException {
        write(state, Ownership.AS_BEFORE);
    }

    private void write(String state, Ownership ownership) throws DeliveryException {
        new Generations(folder)
                .write(
                        List.of(
                                FileContent.of(folder.resolve("bundles/a.pem"), state, FileMode.PUBLIC),
                                FileContent.of(folder.resolve("key.pem"), state, FileMode.PRIVATE),
                                FileContent.of(folder.resolve("svid.pem"), state, FileMode.PUBLIC)),
                        ownership);
    }

    private List<String> read(Path in) throws IOException {
        return List.of(
                Files.readString(in.resolve("bundles/a.pem")),
                Files.readString(in.resolve("key.pem")),
                Files.readString(in.resolve("svid.pem")));
    }

    private List<String> generations() throws IOException {
        try (var entries = Files.list(folder)) {
            return entries.map(each -> String.valueOf(each.getFileName()))
                    .filter(each -> each.startsWith("..generation-"))
                    .toList();
        }
    }

    private static String mode(Path file) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    }

    @Test
    void whoHasLookedUpTheNewestStateGoesOnSeeingIt() throws Exception {
        write("one");
        var looked = folder.resolve(Generations.NEWEST).toRealPath();

        write("two");

        assertEquals(List.of("one", "one", "one"), read(looked));
        assertEquals(List.of("two", "two", "two"), read(folder));
        assertEquals("rw-------", mode(folder.resolve("key.pem")));
        assertEquals("rw-r--r--", mode(folder.resolve("svid.pem")));
        assertEquals("rwxr-xr-x", mode(looked), "others must get to the files that they may read");
    }

    @Test
    void filesThatWereThereBeforeAreAStateOfTheirOwn() throws Exception {
        Files.writeString(folder.resolve("key.pem"), "old");
        Files.writeString(folder.resolve("svid.pem"), "old");

        write("new");

        assertEquals(List.of("new", "new", "new"), read(folder));
        var states = new TreeSet<String>();
        for (var each : generations()) {
            states.add(Files.readString(folder.resolve(each).resolve("key.pem")));
        }
        assertEquals(new TreeSet<>(List.of("old", "new")), states);
    }

    @Test
    void ifOneFileCannotBeWrittenNothingChanges() throws Exception {
        write("old");
        var before = generations();
        var files = List.of(
                FileContent.of(folder.resolve("svid.pem"), "new", FileMode.PUBLIC),
                FileContent.of(folder.resolve("svid.pem"), "twice, which fails", FileMode.PUBLIC));

        assertThrows(DeliveryException.class, () -> new Generations(folder).write(files, Ownership.AS_BEFORE));

        assertEquals(List.of("old", "old", "old"), read(folder));
        assertEquals(before, generations());
    }

    /** Every fifth at once, the others just as the step is made, which is when the disk is told of it. */
    @Test
    void stopAtAnyMomentLeavesOneWholeState() throws Exception {
        write("first");
        var newest = folder.resolve(Generations.NEWEST);
        var stopped = new AtomicInteger();
        for (int i = 0; i < 100; i++) {
            var before = Files.readSymbolicLink(newest);
            var state = "state " + i;
            var writer = Thread.ofPlatform().start(() -> {
                try {
                    write(state);
                } catch (DeliveryException e) {
                    stopped.incrementAndGet();
                }
            });
            while (i % 5 != 0 && writer.isAlive() && before.equals(Files.readSymbolicLink(newest))) {
                Thread.onSpinWait();
            }
            writer.interrupt();
            writer.join();

            assertEquals(1, new TreeSet<>(read(folder)).size(), () -> "a mixture after " + state);
        }
        assertTrue(stopped.get() > 0, "none was stopped");
    }

    @Test
    void onAFullDiskTheLastGoodFilesStayAndNothingHalfIsLeft() throws Exception {
        try (var disk = SmallDisk.mount(folder.resolve("small"))) {
            folder = disk.folder();
            write("old");
            var before = generations();

            var failure = assertThrows(DeliveryException.class, () -> write("n".repeat(SmallDisk.SIZE)));

            assertTrue(String.valueOf(failure.getMessage()).contains("No space left on device"), failure::getMessage);
            assertEquals(List.of("old", "old", "old"), read(folder));
            assertEquals(before, generations());
        }
    }

    @Test
    void modesAndOwnersAreGivenAnewEachTime() throws Exception {
        assumeTrue(Files.getAttribute(folder, "unix:uid").equals(0), "needs root");
        var owner = new Ownership(Optional.of("4711"), Optional.of("4712"));
        write("one", owner);
        Files.setPosixFilePermissions(folder.resolve("key.pem"), PosixFilePermissions.fromString("rw-rw-rw-"));
        Files.setAttribute(folder.resolve("key.pem"), "unix:uid", 0);

        write("two", owner);

        for (var name : List.of("key.pem", "svid.pem", "bundles/a.pem")) {
            assertEquals(4711, Files.getAttribute(folder.resolve(name), "unix:uid"), name);
            assertEquals(4712, Files.getAttribute(folder.resolve(name), "unix:gid"), name);
        }
        assertEquals("rw-------", mode(folder.resolve("key.pem")));
    }

    @Test
    void userThatIsNotThereIsSaid() {
        var failure = assertThrows(
                DeliveryException.class,
                () -> write("one", new Ownership(Optional.of("no-such-user"), Optional.empty())));

        assertTrue(
                String.valueOf(failure.getMessage()).contains("owner \"no-such-user\" is not known on this machine"),
                failure::getMessage);
        assertFalse(Files.exists(folder.resolve("svid.pem")));
    }

    @Test
    void whatAKilledWriterHasLeftIsRemovedAndTheNewestStateStays() throws Exception {
        write("good");
        var half = Files.createDirectory(folder.resolve("..generation-999"));
        Files.writeString(half.resolve("key.pem"), "half a ke");
        Files.createSymbolicLink(folder.resolve("...data.new"), Path.of("..generation-999"));

        new Generations(folder).clear();

        assertEquals(List.of("good", "good", "good"), read(folder));
        assertFalse(Files.exists(half));
        try (var entries = Files.list(folder)) {
            assertTrue(entries.noneMatch(each -> each.toString().endsWith(".new")));
        }
        write("better");
        assertEquals(List.of("better", "better", "better"), read(folder));
    }

    @Test
    void fewOldStatesAreKeptAndFilesThatAreNoLongerAskedForGo() throws Exception {
        for (int i = 0; i < 20; i++) {
            write("state " + i);
        }
        assertEquals(5, generations().size());

        new Generations(folder)
                .write(
                        List.of(FileContent.of(folder.resolve("svid.pem"), "last", FileMode.PUBLIC)),
                        Ownership.AS_BEFORE);

        try (var entries = Files.list(folder)) {
            assertEquals(
                    List.of("..data", "svid.pem"),
                    entries.map(each -> String.valueOf(each.getFileName()))
                            .filter(each -> !each.startsWith("..generation-"))
                            .sorted()
                            .toList());
        }
    }

    @Test
    void linkOfSomebodyElseIsLeftAlone() throws Exception {
        var elsewhere = Files.createSymbolicLink(folder.resolve("svid.pem"), Path.of("/elsewhere/svid.pem"));

        var failure = assertThrows(DeliveryException.class, () -> write("new"));

        assertTrue(String.valueOf(failure.getMessage()).contains("is a link to /elsewhere/svid.pem; remove it"));
        assertEquals(Path.of("/elsewhere/svid.pem"), Files.readSymbolicLink(elsewhere));
    }

    @Test
    void missingFolderIsSaid() {
        folder = folder.resolve("none");

        var failure = assertThrows(DeliveryException.class, () -> write("new"));

        assertTrue(
                String.valueOf(failure.getMessage())
                        .endsWith("none cannot be written: it does not exist; make it" + " or change cert_dir"),
                failure::getMessage);
    }
}
