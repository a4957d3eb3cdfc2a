// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.system;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.JsonParser;
import io.countersign.it.process.Outcome;
import io.countersign.it.process.Programs;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Client libraries of others at our agent: each fetches everything there is and validates it itself. Run by root, as the
 * backend's user, whom our agent knows by what the kernel says.
 */
@Tag("foreign")
class ForeignClientsTest {
    private static final String BACKEND = "spiffe://example.org/ns/demo/sa/backend";

    private static RunningSystem system;

    @BeforeAll
    static void start() throws Exception {
        system = RunningSystem.start();
    }

    @AfterAll
    static void stop() throws Exception {
        system.close();
    }

    private static void assertSeesEverything(String... client) throws Exception {
        var command = new ArrayList<>(List.of("setpriv", "--reuid=70003", "--regid=70003", "--clear-groups"));
        command.addAll(List.of(client));
        var socket = system.state().resolve("agent/public/api.sock");
        var outcome = Outcome.of(Map.of("SPIFFE_ENDPOINT_SOCKET", "unix://" + socket), command);
        assertEquals(0, outcome.code(), outcome::err);
        var seen = JsonParser.parseString(outcome.out()).getAsJsonObject();
        assertEquals(BACKEND, seen.get("x509_id").getAsString());
        assertEquals(BACKEND, seen.get("jwt_id").getAsString());
        assertEquals(BACKEND, seen.get("validated_by_api").getAsString());
        assertEquals(1, seen.get("x509_authorities").getAsInt());
        assertEquals(1, seen.get("jwt_authorities").getAsInt());
    }

    @Test
    void goSpiffe() throws Exception {
        assertSeesEverything(Programs.foreign("gospiffe").toString());
    }

    @Test
    void rustSpiffe() throws Exception {
        assertSeesEverything(Programs.foreign("rustspiffe").toString());
    }

    @Test
    void pySpiffe() throws Exception {
        var script = Path.of("foreign/pyspiffe.py").toAbsolutePath();
        assertSeesEverything(Programs.foreign("py/bin/python").toString(), script.toString());
    }

    @Test
    void javaSpiffe() throws Exception {
        var program = Programs.foreign("javaspiffe");
        assertSeesEverything(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-cp",
                program.resolve("classes") + ":" + program.resolve("lib") + "/*",
                "Look");
    }
}
