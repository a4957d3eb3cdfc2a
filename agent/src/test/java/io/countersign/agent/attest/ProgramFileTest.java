// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.attest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.agent.config.CallerLimits;
import io.countersign.agent.entry.Selector;
import io.countersign.rpc.Peer;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Programs whose files are made to hold up whoever looks at them. */
final class ProgramFileTest {
    private static final long HUNDRED_GIGABYTES = 100L << 30;

    @TempDir
    private Path folder;

    private Path program;

    /** Hashes without a limit of size, but not for long. */
    private record Hasty(UnixAttestor unix) implements WorkloadAttestor {
        @Override
        public String name() {
            return unix.name();
        }

        @Override
        public Duration patience() {
            // enough for the small program on a slow machine, and nowhere for the large one
            return Duration.ofSeconds(10);
        }

        @Override
        public Map<Selector, Assurance> attest(Peer.LocalProcess process) throws IOException, InterruptedException {
            return unix.attest(process);
        }
    }

    @BeforeEach
    void copy() throws IOException {
        program = folder.resolve("program");
        Files.copy(Path.of("/bin/cat"), program, StandardCopyOption.COPY_ATTRIBUTES);
    }

    private static WorkloadAttestors attestors() {
        var unix = new UnixAttestor(true, 0, new NameService(InstantSource.system()));
        return new WorkloadAttestors(List.of(new Hasty(unix)), false, CallerLimits.standard(), InstantSource.system());
    }

    @Test
    void programOfAHundredGigabytesIsGivenUpAndOthersAreServedMeanwhile() throws Exception {
        try (var file = new RandomAccessFile(program.toFile(), "rw")) {
            file.setLength(HUNDRED_GIGABYTES);
        }
        var attestors = attestors();
        try (var large = Child.start(program.toString());
                var small = Child.start("cat");
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var looked = threads.submit(() -> attestors.attest(large.peer()));

            var found = attestors.attest(small.peer());

            assertFalse(looked.isDone(), "it is still being hashed");
            assertTrue(
                    found.selectors().keySet().stream()
                            .anyMatch(each -> each.value().startsWith("sha256:")),
                    found::toString);
            var refused = assertThrows(StatusRuntimeException.class, () -> attestors.attest(large.peer()));
            assertEquals(Status.Code.UNAVAILABLE, refused.getStatus().getCode());
        }
    }

    @Test
    void pipeInThePlaceOfTheProgramIsNotRead() throws Exception {
        var hash = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(program)));
        try (var child = Child.start(program.toString())) {
            Files.delete(program);
            assertEquals(
                    0, new ProcessBuilder("mkfifo", program.toString()).start().waitFor());

            var found = attestors().attest(child.peer()).selectors();

            assertEquals(Assurance.KERNEL, found.get(new Selector("unix", "sha256:" + hash)), found::toString);
            assertEquals(
                    Assurance.KERNEL,
                    found.get(new Selector("unix", "path:" + program + " (deleted)")),
                    found::toString);
        }
    }
}
