// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.attest;

import io.countersign.agent.entry.Selector;
import io.countersign.rpc.Peer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The {@code unix} attestor: user, groups and, if asked for, the program file of the caller.
 *
 * @param discoverPath whether {@code path} and {@code sha256} are looked up
 * @param sizeLimit largest program file that is hashed, in bytes; 0 for no limit, negative for never
 */
public record UnixAttestor(boolean discoverPath, long sizeLimit, NameService names) implements WorkloadAttestor {
    public static final String NAME = "unix";

    private static final int MOST_GROUPS = 1_024;

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public boolean readsTheProgram() {
        return discoverPath && sizeLimit >= 0;
    }

    @Override
    public Map<Selector, Assurance> attest(Peer.LocalProcess process) throws IOException, InterruptedException {
        var found = new LinkedHashMap<Selector, Assurance>();
        note(found, "uid", Integer.toUnsignedString(process.uid()));
        note(found, "gid", Integer.toUnsignedString(process.gid()));
        names.user(process.uid()).ifPresent(name -> note(found, "user", name));
        var proc = Path.of("/proc", Integer.toString(process.pid()));
        var supplementary = supplementaryGroups(proc);
        var gids = new LinkedHashSet<>(supplementary);
        gids.add(process.gid());
        var groups = names.groups(gids);
        named(groups, process.gid()).ifPresent(name -> note(found, "group", name));
        for (int gid : supplementary) {
            note(found, "supplementary_gid", Integer.toUnsignedString(gid));
            named(groups, gid).ifPresent(name -> note(found, "supplementary_group", name));
        }
        if (discoverPath) {
            var exe = proc.resolve("exe");
            var path = new Selector(NAME, "path:" + Files.readSymbolicLink(exe));
            found.put(path, seesOurFiles(proc) ? Assurance.KERNEL : Assurance.CLAIMED);
            if (sizeLimit >= 0) {
                note(found, "sha256", sha256(exe));
            }
        }
        return found;
    }

    private static void note(Map<Selector, Assurance> found, String key, String value) {
        found.put(new Selector(NAME, key + ":" + value), Assurance.KERNEL);
    }

    /** In mounts of its own, which every user can have, a process decides what file stands at a path. */
    private static boolean seesOurFiles(Path proc) throws IOException {
        var mounts = Path.of("ns", "mnt");
        return Files.readSymbolicLink(proc.resolve(mounts))
                .equals(Files.readSymbolicLink(Path.of("/proc/self").resolve(mounts)));
    }

    private static Optional<String> named(Map<Integer, String> groups, int gid) {
        return Optional.ofNullable(groups.get(gid));
    }

    /**
     * As they stand in {@code status}.
     *
     * @param proc the folder of the process
     * @throws IOException if there are more than anybody is in; root of a container can take on 65,536
     */
    static List<Integer> supplementaryGroups(Path proc) throws IOException {
        for (var line : Files.readAllLines(proc.resolve("status"))) {
            if (line.startsWith("Groups:")) {
                var groups = Arrays.stream(
                                line.substring("Groups:".length()).trim().split("\\s+"))
                        .filter(word -> !word.isEmpty())
                        .map(Integer::parseUnsignedInt)
                        .toList();
                if (groups.size() > MOST_GROUPS) {
                    throw new IOException(
                            "the process is in %d groups, expected %d at most".formatted(groups.size(), MOST_GROUPS));
                }
                return groups;
            }
        }
        return List.of();
    }

    /** Reads through the kernel's link, so that it is the running program that counts and not a file of its name. */
    @SuppressWarnings("ThreadPriorityCheck") // a hint is all that is wanted
    private String sha256(Path exe) throws IOException, InterruptedException {
        long size = Files.size(exe);
        if (sizeLimit > 0 && size > sizeLimit) {
            throw new IOException(
                    "the program has %d bytes, more than workload_size_limit %d".formatted(size, sizeLimit));
        }
        try (InputStream in = Files.newInputStream(exe)) {
            var digest = MessageDigest.getInstance("SHA-256");
            var buffer = new byte[1 << 16];
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                digest.update(buffer, 0, n);
                if (Thread.interrupted()) {
                    throw new InterruptedException("the program is too long to be hashed in time");
                }
                // a large program must not keep the processor from the calls of others
                Thread.yield();
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new UncheckedIOException(new IOException("this Java has no SHA-256", e));
        }
    }
}
