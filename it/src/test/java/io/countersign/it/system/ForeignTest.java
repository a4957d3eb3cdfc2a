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
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Clients of others at our agent, and originals in the place of our programs. Run by root: each part then has a user of
 * its own, by which our agent knows programs that are not Java's.
 */
@Tag("foreign")
class ForeignTest {
    private static final String BACKEND = "spiffe://example.org/ns/demo/sa/backend";

    @Test
    void goSpiffeAndPySpiffeFetchAndValidateEverything() throws Exception {
        try (var system = RunningSystem.start()) {
            assertSees(system, List.of(Programs.foreign("gospiffe").toString()));
            assertSees(
                    system,
                    List.of(
                            Programs.foreign("py/bin/python").toString(),
                            Path.of("foreign/pyspiffe.py").toAbsolutePath().toString()));
        }
    }

    /** As the backend's user. */
    private static void assertSees(RunningSystem system, List<String> client) throws Exception {
        var command = new ArrayList<>(List.of("setpriv", "--reuid=70003", "--regid=70003", "--clear-groups"));
        command.addAll(client);
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
    void envoyStandsInForBothSidecars() throws Exception {
        assertProvenWith("sidecar=" + Programs.foreign("envoy"));
    }

    @Test
    void spiffeHelperStandsInForBothHelpers() throws Exception {
        assertProvenWith("helper=" + Programs.foreign("spiffe-helper"));
    }

    private static void assertProvenWith(String use) throws Exception {
        try (var system = RunningSystem.start("--use", use)) {
            Judge.assertProven(system.demo());
            Judge.assertRefused(system.breakIns());
        }
    }
}
