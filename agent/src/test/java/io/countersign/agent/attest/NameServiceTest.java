// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.attest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.agent.entry.Selector;
import io.countersign.rpc.Peer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against programs that answer as {@code getent} does. */
final class NameServiceTest {
    private static final int LARGE = Integer.parseUnsignedInt("3000000000");

    @TempDir
    private Path folder;

    /** @param script gets the database and the ids */
    private NameService names(String script) throws IOException {
        var program = folder.resolve("getent");
        Files.writeString(program, "#!/bin/sh\n" + script);
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
        return new NameService(InstantSource.system(), program.toString());
    }

    /** Gives everybody a name, and a line in {@code runs} for each time that it is started. */
    private NameService generous() throws IOException {
        return names("""
                echo "$1" >> %s
                shift
                for id; do echo "n$id:x:$id:"; done
                """.formatted(folder.resolve("runs")));
    }

    private long runs() throws IOException {
        return Files.readAllLines(folder.resolve("runs")).size();
    }

    @Test
    void groupOfVeryManyIsKnownLikeAnyOther() throws Exception {
        var names = names("""
                printf 'large:x:7:'
                head -c 100000 /dev/zero | tr '\\0' m
                printf '\\nsmall:x:8:\\n:x:9:\\nno line\\n'
                """);
        assertEquals(Map.of(7, "large", 8, "small"), names.groups(Set.of(7, 8, 9)));
    }

    @Test
    void manyGroupsAreAskedForAtOnceAndKept() throws Exception {
        var names = generous();
        var gids = IntStream.range(0, 1_000).boxed().collect(Collectors.toSet());
        assertEquals(1_000, names.groups(gids).size());
        assertEquals(1, runs());
        assertEquals("n999", names.groups(gids).get(999));
        assertEquals(Optional.of("n5"), names.user(5));
        assertEquals(2, runs(), "a user is not a group");
    }

    @Test
    void programThatIsNotThereNamesNobody() throws Exception {
        var none = new NameService(
                InstantSource.system(), folder.resolve("nothing").toString());
        assertEquals(Optional.empty(), none.user(0));
        assertEquals(Map.of(), none.groups(Set.of(0, 1)));
    }

    @Test
    void idsAreNeverNegative() throws Exception {
        try (var child = Child.start("cat")) {
            var real = child.peer();
            var found = new UnixAttestor(false, 0, generous())
                    .attest(new Peer.LocalProcess(real.pid(), LARGE, LARGE, real.startTime()))
                    .keySet();
            for (var value : List.of("uid:3000000000", "gid:3000000000", "user:n3000000000", "group:n3000000000")) {
                assertTrue(found.contains(new Selector("unix", value)), found::toString);
            }
        }
    }

    @Test
    void processOfMoreGroupsThanAnybodyIsInIsNotLookedAt() throws Exception {
        var status = folder.resolve("status");
        Files.writeString(status, "Name:\tcat\nGroups:\t4 3000000000 \n");
        assertEquals(List.of(4, LARGE), UnixAttestor.supplementaryGroups(folder));

        var all = IntStream.range(0, 65_536).mapToObj(Integer::toString).collect(Collectors.joining(" "));
        Files.writeString(status, "Groups:\t" + all + "\n");
        var refused = assertThrows(IOException.class, () -> UnixAttestor.supplementaryGroups(folder));
        assertEquals("the process is in 65536 groups, expected 1024 at most", refused.getMessage());
    }
}
