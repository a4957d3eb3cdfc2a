// SPDX-License-Identifier: Apache-2.0
package io.countersign.image;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/**
 * One image as {@code docker save} writes it, which every container runtime reads without a registry.
 *
 * @param name with tag
 * @param user who runs the program, as {@code uid:gid}
 * @param entrypoint the command, to which a pod's arguments are added
 * @param stopSignal what the runtime ends it with, such as {@code SIGTERM}
 */
record ImageArchive(
        String name,
        String user,
        List<String> entrypoint,
        String stopSignal,
        Map<String, String> labels,
        List<Layer> layers) {
    ImageArchive {
        entrypoint = List.copyOf(entrypoint);
        labels = Map.copyOf(labels);
        layers = List.copyOf(layers);
    }

    /**
     * Writes it into a file.
     *
     * @return the digest of its configuration, by which runtimes know an image
     */
    String write(Path file, Instant time) throws IOException {
        var config = config(time).toString().getBytes(StandardCharsets.UTF_8);
        var id = Digest.of(config);
        try (var tar = new TarArchiveOutputStream(new BufferedOutputStream(Files.newOutputStream(file)), "UTF-8")) {
            add(tar, id + ".json", config, time);
            for (var layer : layers) {
                var entry = entry(path(layer), Files.size(layer.file()), time);
                tar.putArchiveEntry(entry);
                Files.copy(layer.file(), tar);
                tar.closeArchiveEntry();
            }
            add(tar, "manifest.json", manifest(id).toString().getBytes(StandardCharsets.UTF_8), time);
        }
        return id;
    }

    private JsonObject config(Instant time) {
        var run = new JsonObject();
        run.addProperty("User", user);
        run.add("Entrypoint", array(entrypoint));
        run.addProperty("StopSignal", stopSignal);
        run.add("Env", array(List.of("PATH=/usr/local/bin:/usr/bin:/bin")));
        var sorted = new JsonObject();
        labels.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(label -> sorted.addProperty(label.getKey(), label.getValue()));
        run.add("Labels", sorted);
        var files = new JsonObject();
        files.addProperty("type", "layers");
        files.add(
                "diff_ids",
                array(layers.stream().map(layer -> "sha256:" + layer.diffId()).toList()));
        var config = new JsonObject();
        config.addProperty("created", time.toString());
        config.addProperty("architecture", "amd64");
        config.addProperty("os", "linux");
        config.add("config", run);
        config.add("rootfs", files);
        return config;
    }

    private JsonArray manifest(String id) {
        var image = new JsonObject();
        image.addProperty("Config", id + ".json");
        image.add("RepoTags", array(List.of(name)));
        image.add("Layers", array(layers.stream().map(ImageArchive::path).toList()));
        var manifest = new JsonArray();
        manifest.add(image);
        return manifest;
    }

    private static String path(Layer layer) {
        return layer.digest() + ".tar.gz";
    }

    private static JsonArray array(Collection<String> texts) {
        var array = new JsonArray();
        texts.forEach(array::add);
        return array;
    }

    private static void add(TarArchiveOutputStream tar, String name, byte[] content, Instant time) throws IOException {
        tar.putArchiveEntry(entry(name, content.length, time));
        tar.write(content);
        tar.closeArchiveEntry();
    }

    private static TarArchiveEntry entry(String name, long size, Instant time) {
        var entry = new TarArchiveEntry(name);
        entry.setSize(size);
        entry.setModTime(time.toEpochMilli());
        return entry;
    }
}
