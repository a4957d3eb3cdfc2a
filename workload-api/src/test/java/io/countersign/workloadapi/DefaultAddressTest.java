// SPDX-License-Identifier: Apache-2.0
package io.countersign.workloadapi;

import static io.countersign.workloadapi.TestAuthority.HOME;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where a program of its own, with an environment of its own, finds the agent (SPIFFE Workload Endpoint, section 4). */
final class DefaultAddressTest {
    private static final String VARIABLE = "SPIFFE_ENDPOINT_SOCKET";

    @TempDir
    private Path folder;

    private final TestAuthority home = new TestAuthority(HOME);

    private TestAgent agent(String name) throws Exception {
        var agent = new TestAgent(folder.resolve(name + ".sock"));
        agent.x509.push(home.response(home.issue("/from-" + name)));
        return agent;
    }

    private String address(String name) {
        return "unix://" + folder.resolve(name + ".sock");
    }

    private static String said(Optional<String> variable, String... arguments) throws Exception {
        var line = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Asker.class.getName()));
        line.addAll(List.of(arguments));
        var builder = new ProcessBuilder(line).redirectError(ProcessBuilder.Redirect.DISCARD);
        builder.environment().remove(VARIABLE);
        variable.ifPresent(address -> builder.environment().put(VARIABLE, address));
        var process = builder.start();
        try {
            return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    @Test
    void itIsInTheVariableUnlessOneIsGiven() throws Exception {
        try (var variable = agent("variable");
                var argument = agent("argument")) {
            assertEquals("spiffe://example.org/from-variable", said(Optional.of(address("variable"))));
            assertEquals(
                    "spiffe://example.org/from-argument", said(Optional.of(address("variable")), address("argument")));
            assertEquals(1, variable.x509.calls().size());
            assertEquals(1, argument.x509.calls().size());
        }
    }

    @Test
    void withoutEitherItIsSaidWhatToDo() throws Exception {
        var words = "SPIFFE_ENDPOINT_SOCKET is not set, expected the address of the Workload API like"
                + " unix:///path/of/the/socket; set it, or configure the address";
        assertEquals(words, said(Optional.empty()));
        assertEquals(words, said(Optional.of("")));
    }
}
