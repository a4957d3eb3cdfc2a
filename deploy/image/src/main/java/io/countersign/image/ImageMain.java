// SPDX-License-Identifier: Apache-2.0
package io.countersign.image;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command that makes one image; {@code deploy/images} calls it. */
@Command(name = "image", description = "Writes a container image out of folders.")
public final class ImageMain implements Callable<Integer> {
    private static final double MEGABYTE = 1_000_000;

    @Parameters(index = "0", description = "the archive to write")
    private Path archive = Path.of("image.tar");

    @Option(names = "--name", required = true, description = "of the image, with tag")
    private String name = "";

    @Option(names = "--user", required = true, description = "who runs the program, as uid:gid")
    private String user = "";

    @Option(names = "--layer", required = true, description = "a folder whose files become a layer; the lowest first")
    private List<Path> folders = List.of();

    @Option(names = "--entrypoint", required = true, description = "a word of the command; once for each")
    private List<String> entrypoint = List.of();

    @Option(names = "--stop-signal", description = "what ends the program; SIGTERM if none is named")
    private String stopSignal = "SIGTERM";

    @Option(names = "--label", description = "name=value")
    private Map<String, String> labels = Map.of();

    @Option(names = "--time", required = true, description = "the age of everything, such as 2026-01-01T00:00:00Z")
    private Instant time = Instant.EPOCH;

    @Option(
            names = "--packed",
            required = true,
            description = "where packed layers are kept for the next image; empty it when a folder has changed")
    private Path packed = Path.of("packed");

    @Option(names = "--most-megabytes", description = "the largest that the archive may be")
    private int most = Integer.MAX_VALUE;

    public static void main(String[] args) {
        System.exit(new CommandLine(new ImageMain()).execute(args));
    }

    @Override
    public Integer call() throws IOException {
        Files.createDirectories(packed);
        var layers = new ArrayList<Layer>();
        for (var folder : folders) {
            layers.add(layer(folder));
        }
        var id = new ImageArchive(name, user, entrypoint, stopSignal, labels, layers).write(archive, time);
        double megabytes = Files.size(archive) / MEGABYTE;
        System.out.printf("%s %.1f MB sha256:%s%n", name, megabytes, id);
        if (megabytes > most) {
            System.err.printf("%s has %.1f MB, expected at most %d%n", archive, megabytes, most);
            return 1;
        }
        return 0;
    }

    private Layer layer(Path folder) throws IOException {
        var path = folder.toAbsolutePath().normalize().toString().getBytes(StandardCharsets.UTF_8);
        var file = packed.resolve(Digest.of(path) + ".tar.gz");
        return Files.exists(file) ? Layer.packed(file) : Layer.pack(folder, file, time);
    }
}
