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
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The {@code unix} attestor: user, groups and, if asked for, the program file of the caller.
 *
 * @param discoverPath whether {@code path} and {@code sha256} are looked up
 * @param sizeLimit largest program file that is hashed, in bytes; 0 for no limit, negative for never
 */
public record UnixAttestor(boolean discoverPath, long sizeLimit, NameService names) implements WorkloadAttestor {
    public static final String NAME = "unix";

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Assurance assurance() {
        return Assurance.KERNEL;
    }

    @Override
    public Set<Selector> attest(Peer.LocalProcess process) throws IOException {
        var found = new LinkedHashSet<Selector>();
        found.add(selector("uid", process.uid()));
        found.add(selector("gid", process.gid()));
        names.user(process.uid()).ifPresent(name -> found.add(selector("user", name)));
        names.group(process.gid()).ifPresent(name -> found.add(selector("group", name)));
        var proc = Path.of("/proc", Integer.toString(process.pid()));
        for (int gid : supplementaryGroups(proc)) {
            found.add(selector("supplementary_gid", gid));
            names.group(gid).ifPresent(name -> found.add(selector("supplementary_group", name)));
        }
        if (discoverPath) {
            var exe = proc.resolve("exe");
            found.add(selector("path", Files.readSymbolicLink(exe)));
            if (sizeLimit >= 0) {
                found.add(selector("sha256", sha256(exe)));
            }
        }
        return found;
    }

    private static Selector selector(String key, Object value) {
        return new Selector(NAME, key + ":" + value);
    }

    private static List<Integer> supplementaryGroups(Path proc) throws IOException {
        for (var line : Files.readAllLines(proc.resolve("status"))) {
            if (line.startsWith("Groups:")) {
                return Arrays.stream(line.substring("Groups:".length()).trim().split("\\s+"))
                        .filter(word -> !word.isEmpty())
                        .map(Integer::valueOf)
                        .toList();
            }
        }
        return List.of();
    }

    /** Reads through the kernel's link, so that it is the running program that counts and not a file of its name. */
    private String sha256(Path exe) throws IOException {
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
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new UncheckedIOException(new IOException("this Java has no SHA-256", e));
        }
    }
}
