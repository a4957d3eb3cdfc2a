// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.attest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.agent.Eventually;
import io.countersign.agent.TestClock;
import io.countersign.agent.entry.Selector;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Looks at a real child process. */
final class UnixAttestorTest {
    private final NameService names = new NameService(InstantSource.system());
    private Child child;

    @BeforeEach
    void start() throws IOException {
        child = Child.start("cat");
    }

    @AfterEach
    void stop() throws InterruptedException {
        child.close();
    }

    private static String output(String... command) throws IOException {
        var process = new ProcessBuilder(command).start();
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    }

    private static Selector unix(String value) {
        return new Selector("unix", value);
    }

    private static Set<String> kinds(Set<Selector> selectors) {
        return selectors.stream()
                .map(selector -> selector.value().substring(0, selector.value().indexOf(':')))
                .collect(Collectors.toSet());
    }

    @Test
    void userAndGroupsAreThoseThatIdNames() throws Exception {
        var found = new UnixAttestor(false, 0, names).attest(child.peer()).keySet();

        assertTrue(found.contains(unix("uid:" + output("id", "-u"))), found::toString);
        assertTrue(found.contains(unix("gid:" + output("id", "-g"))), found::toString);
        assertFalse(kinds(found).contains("path"));
        assertFalse(kinds(found).contains("sha256"));
        var named = Set.of(unix("user:" + output("id", "-un")), unix("group:" + output("id", "-gn")));
        Eventually.holds("its names", () -> {
            // the name service that takes too long is not asked again for a minute by the same
            var another = new UnixAttestor(false, 0, new NameService(InstantSource.system()));
            return another.attest(child.peer()).keySet().containsAll(named);
        });
    }

    @Test
    void supplementaryGroupsAreThoseOfTheProcess() throws Exception {
        var status = Files.readAllLines(Path.of("/proc/" + child.peer().pid() + "/status"));
        var line = status.stream().filter(each -> each.startsWith("Groups:")).findAny();
        var words = line.orElseThrow().substring("Groups:".length()).strip();
        var gids = words.isEmpty() ? List.<String>of() : List.of(words.split(" "));

        var found = new UnixAttestor(false, 0, names).attest(child.peer()).keySet();

        assertEquals(
                Set.copyOf(gids),
                found.stream()
                        .filter(each -> each.value().startsWith("supplementary_gid:"))
                        .map(each -> each.value().substring("supplementary_gid:".length()))
                        .collect(Collectors.toSet()));
    }

    @Test
    void programFileIsNamedAndHashed() throws Exception {
        var program = Path.of("/proc/" + child.peer().pid() + "/exe").toRealPath();
        var hash = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(program));

        var found = new UnixAttestor(true, 0, names).attest(child.peer()).keySet();

        assertTrue(found.contains(unix("path:" + program)), found::toString);
        assertTrue(found.contains(unix("sha256:" + HexFormat.of().formatHex(hash))), found::toString);
    }

    @Test
    void sizeLimitIsTheLargestProgramThatIsHashed() throws Exception {
        long size = Files.size(Path.of("/proc/" + child.peer().pid() + "/exe"));

        assertTrue(
                kinds(new UnixAttestor(true, size, names).attest(child.peer()).keySet())
                        .contains("sha256"));
        var tooLarge =
                assertThrows(IOException.class, () -> new UnixAttestor(true, size - 1, names).attest(child.peer()));
        assertEquals(
                "the program has " + size + " bytes, more than workload_size_limit " + (size - 1),
                tooLarge.getMessage());
    }

    @Test
    void negativeSizeLimitMeansNoHash() throws Exception {
        var kinds = kinds(new UnixAttestor(true, -1, names).attest(child.peer()).keySet());
        assertTrue(kinds.contains("path"));
        assertFalse(kinds.contains("sha256"));
    }

    @Test
    void processThatIsGoneCannotBeLookedAt() throws Exception {
        child.close();
        assertThrows(IOException.class, () -> new UnixAttestor(false, 0, names).attest(child.peer()));
    }

    @Test
    void idThatNobodyHasIsOnlyLeftWithoutAName() throws Exception {
        var clock = new TestClock();
        var unknown = new NameService(clock);
        var root = Optional.of("root");
        assertEquals(Optional.empty(), unknown.user(1_234_567_890));
        for (int again = 0; again < 2; again++) {
            // an answer that takes too long is none until it is asked for anew
            Eventually.holds("the names of root", () -> {
                clock.advance(Duration.ofMinutes(2));
                return unknown.user(0).equals(root) && unknown.groups(Set.of(0)).equals(Map.of(0, "root"));
            });
        }
    }
}
