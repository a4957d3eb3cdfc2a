// SPDX-License-Identifier: Apache-2.0
package io.countersign.server;

import java.io.IOException;
import java.io.StringWriter;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/** The source of a plugin of somebody else's, which sees of us what a plugin's author does. */
public record PluginSource(String className, String service, String text) {
    /** Compiles it and writes a jar, with its name among the services. */
    public Path jar(Path folder) throws IOException {
        var classes = Files.createDirectories(folder.resolve("classes"));
        var said = new StringWriter();
        var api = System.getProperty("java.class.path");
        var source =
                new SimpleJavaFileObject(
                        URI.create("string:///" + className.replace('.', '/') + ".java"), JavaFileObject.Kind.SOURCE) {
                    @Override
                    public CharSequence getCharContent(boolean ignored) {
                        return text;
                    }
                };
        var options = List.of("-d", classes.toString(), "-classpath", api, "--release", "21");
        if (!ToolProvider.getSystemJavaCompiler()
                .getTask(said, null, null, options, null, List.of(source))
                .call()) {
            throw new AssertionError(said.toString());
        }
        var jar = folder.resolve("plugin.jar");
        try (var out = new JarOutputStream(Files.newOutputStream(jar));
                var files = Files.walk(classes)) {
            for (var file : files.filter(Files::isRegularFile).toList()) {
                out.putNextEntry(new JarEntry(classes.relativize(file).toString()));
                out.write(Files.readAllBytes(file));
            }
            out.putNextEntry(new JarEntry("META-INF/services/" + service));
            out.write(className.getBytes(StandardCharsets.UTF_8));
        }
        return jar;
    }
}
