// SPDX-License-Identifier: Apache-2.0
package io.countersign.launch.plugin;

import io.countersign.launch.FileFailure;
import io.countersign.launch.config.ConfigBlock;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.function.Function;

/**
 * Finds a plugin by the settings {@code plugin_jar}, a jar or a folder of jars, and {@code plugin_checksum}. It sees the
 * JDK, the interface that it implements and SLF4J, and nothing else of this program: it brings its own libraries, which cannot
 * be in the way of ours. What is found stays loaded for the life of the process.
 */
public final class PluginJar {
    private static final String JAR = "plugin_jar";
    private static final String CHECKSUM = "plugin_checksum";
    private static final String LOGGING = "org.slf4j.";

    private PluginJar() {}

    /**
     * The plugin of that name; nothing, and noted, if there is none.
     *
     * @param service what it provides; all packages below that of its API are seen by the plugin
     * @param api the name that those packages begin with
     */
    public static <P> Optional<P> find(
            ConfigBlock block, String name, Class<P> service, String api, Function<P, String> nameOf) {
        var place = Path.of(block.string(JAR, ""));
        try {
            var jars = jars(place);
            if (block.has(CHECKSUM) && !isAsExpected(block, place)) {
                return Optional.empty();
            }
            var named = load(jars, service, api).stream()
                    .filter(provider -> nameOf.apply(provider).equals(name))
                    .toList();
            if (named.size() == 1) {
                return Optional.of(named.getFirst());
            }
            block.problem(
                    JAR,
                    place + " has " + named.size() + " providers of " + service.getName() + " for \"" + name
                            + "\", expected one; they are named in META-INF/services");
        } catch (IOException e) {
            block.problem(JAR, place + " cannot be read: " + FileFailure.words(e));
        } catch (DirectoryIteratorException e) {
            block.problem(JAR, place + " cannot be read: " + e.getMessage());
        } catch (ServiceConfigurationError | LinkageError e) {
            block.problem(JAR, place + " cannot be loaded: " + e);
        }
        return Optional.empty();
    }

    private static boolean isAsExpected(ConfigBlock block, Path jar) throws IOException {
        if (!Files.isRegularFile(jar)) {
            block.problem(CHECKSUM, "is there, but " + jar + " is a folder; expected a jar");
            return false;
        }
        var expected = block.string(CHECKSUM, "");
        var found = sha256(jar);
        if (!found.equalsIgnoreCase(expected)) {
            block.problem(CHECKSUM, "\"" + expected + "\" was expected, the sha-256 of " + jar + " is " + found);
            return false;
        }
        return true;
    }

    private static String sha256(Path file) throws IOException {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    private static List<Path> jars(Path place) throws IOException {
        if (!Files.isDirectory(place)) {
            if (!Files.isReadable(place)) {
                throw new IOException("it is not there");
            }
            return List.of(place);
        }
        var jars = new ArrayList<Path>();
        try (var found = Files.newDirectoryStream(place, "*.jar")) {
            found.forEach(jars::add);
        }
        if (jars.isEmpty()) {
            throw new IOException("there is no jar in this folder");
        }
        return List.copyOf(jars);
    }

    private static <P> List<P> load(List<Path> jars, Class<P> service, String api) throws IOException {
        var addresses = new URL[jars.size()];
        for (int i = 0; i < addresses.length; i++) {
            addresses[i] = jars.get(i).toUri().toURL();
        }
        var seen = new Seen(service.getClassLoader(), List.of(api, LOGGING));
        return ServiceLoader.load(service, new URLClassLoader(addresses, seen)).stream()
                .map(ServiceLoader.Provider::get)
                .toList();
    }

    /** What a plugin sees of this program. */
    private static final class Seen extends ClassLoader {
        private final ClassLoader ours;
        private final List<String> packages;

        Seen(ClassLoader ours, List<String> packages) {
            super(ClassLoader.getPlatformClassLoader());
            this.ours = ours;
            this.packages = packages;
        }

        @Override
        protected Class<?> findClass(String name) throws ClassNotFoundException {
            if (packages.stream().noneMatch(name::startsWith)) {
                throw new ClassNotFoundException(name);
            }
            return ours.loadClass(name);
        }
    }
}
