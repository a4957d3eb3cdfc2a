// SPDX-License-Identifier: Apache-2.0
import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.Manifest;

/**
 * Takes the signatures out of the distribution's copies of jars, and out of their manifests what was signed. Java checks them
 * anew at every start, a good half of a short command's time, and keeps no signed class in a cache; of a manifest it keeps all,
 * which of these with a digest for each of thousands of classes is megabytes. Nothing here asks who signed a class: OpenJDK
 * takes providers unsigned, and Maven has compared each jar with its checksum when it came.
 */
class Unsign {
    private static final String SIGNATURE = "META-INF/*.{SF,RSA,DSA,EC}";

    public static void main(String... arguments) throws IOException {
        try (var jars = Files.newDirectoryStream(Path.of(arguments[0]), "*.jar")) {
            for (var jar : jars) {
                var time = Files.getLastModifiedTime(jar);
                try (var inside = FileSystems.newFileSystem(jar)) {
                    var signatures = signatures(inside);
                    for (var signature : signatures) {
                        Files.delete(signature);
                    }
                    if (!signatures.isEmpty()) {
                        forgetDigests(inside.getPath("/META-INF/MANIFEST.MF"));
                    }
                }
                // a build of the same sources gives the same files
                Files.setLastModifiedTime(jar, time);
            }
        }
    }

    /** Leaves what is said of the whole jar. */
    private static void forgetDigests(Path file) throws IOException {
        var time = Files.getLastModifiedTime(file);
        var manifest = new Manifest();
        try (var in = Files.newInputStream(file)) {
            manifest.read(in);
        }
        manifest.getEntries().clear();
        try (var out = Files.newOutputStream(file)) {
            manifest.write(out);
        }
        Files.setLastModifiedTime(file, time);
    }

    private static List<Path> signatures(FileSystem jar) throws IOException {
        var found = new ArrayList<Path>();
        var matcher = jar.getPathMatcher("glob:/" + SIGNATURE);
        try (var files = Files.newDirectoryStream(jar.getPath("/META-INF"))) {
            files.forEach(file -> {
                if (matcher.matches(file)) {
                    found.add(file);
                }
            });
        }
        return found;
    }
}
