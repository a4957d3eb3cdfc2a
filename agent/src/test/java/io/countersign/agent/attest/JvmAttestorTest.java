// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.attest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.agent.entry.Selector;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Looks at a real child JVM, and at command lines of all forms. */
final class JvmAttestorTest {
    @TempDir
    private Path folder;

    private static Set<Selector> jvm(String... values) {
        return Arrays.stream(values).map(value -> new Selector("jvm", value)).collect(Collectors.toSet());
    }

    private static Set<Selector> selectors(String line) {
        return JvmAttestor.selectors(List.of(line.split(" ")));
    }

    @Test
    void mainClassAndPropertiesOfARealJvm() throws Exception {
        var java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        var source = folder.resolve("Waiting.java");
        Files.writeString(
                source,
                "class Waiting { public static void main(String[] a) throws Exception"
                        + " { System.out.println(\"up\"); System.in.read(); } }");
        var line = List.of(java, "-Xmx64m", "-Dapp=shop", "-Dempty=", "-Dbare", source.toString(), "-Dnot=mine");
        try (var child = Child.start(line, Map.of())) {
            // exec has happened once the program speaks
            assertEquals("up", child.process().inputReader().readLine());

            assertEquals(
                    jvm("main:" + source, "property:app:shop"),
                    new JvmAttestor().attest(child.peer()).keySet());
        }
    }

    @Test
    void processThatIsNoJvmHasNothing() throws Exception {
        try (var child = Child.start("cat", "-", "java")) {
            assertEquals(Set.of(), new JvmAttestor().attest(child.peer()).keySet());
        }
    }

    @Test
    void wordsOfAllForms() {
        assertEquals(jvm("main:org.example.Main"), selectors("java -cp a.jar:b.jar org.example.Main x"));
        assertEquals(jvm("main:org.example.Main"), selectors("java --class-path x --add-opens a/b=c org.example.Main"));
        assertEquals(jvm("jar:/opt/app.jar"), selectors("java -jar /opt/app.jar -Dlate=1"));
        assertEquals(jvm("module:m/org.example.Main"), selectors("java -p mods -m m/org.example.Main"));
        assertEquals(jvm("module:m"), selectors("java --module m"));
        assertEquals(jvm("property:a:b:c=d", "main:M"), selectors("java -Da=b:c=d M"));
        assertEquals(jvm("main:M"), selectors("java @options -ea --enable-preview M"));
    }

    /** A command line of the launcher with such properties, as the kernel has it. */
    private static ByteArrayInputStream line(int properties, String value) {
        var words = IntStream.range(0, properties)
                .mapToObj(i -> "-Dp" + i + "=" + value + "\0")
                .collect(Collectors.joining());
        return new ByteArrayInputStream(("java\0" + words).getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void lineWithoutEndIsRefused() throws Exception {
        assertEquals(500, JvmAttestor.claims(line(500, "1")).size());
        refused("501 selectors", line(501, "1"));
        refused("selectors of 100", line(1, "x".repeat(100_000)));
        refused("more than 262144 bytes", line(100_000, "1"));
    }

    private static void refused(String words, ByteArrayInputStream line) {
        var refused = assertThrows(IOException.class, () -> JvmAttestor.claims(line));
        assertTrue(String.valueOf(refused.getMessage()).contains(words), refused::getMessage);
    }

    @Test
    void lineWithoutAProgramHasNothing() {
        assertEquals(Set.of(), selectors("java"));
        assertEquals(Set.of(), selectors("java -jar"));
        assertEquals(Set.of(), selectors("java -version"));
    }
}
