// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.system;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.countersign.datastore.RealPostgres;
import io.countersign.it.process.FreePort;
import io.countersign.it.process.Outcome;
import io.countersign.it.process.Programs;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The commands of the documents do what the documents say. */
@Tag("foreign")
@Timeout(400)
class DocumentedTest {
    private static final Pattern COMMANDS = Pattern.compile("^```sh\n(.*?)^```$", Pattern.DOTALL | Pattern.MULTILINE);

    private static String commands(Path page) throws Exception {
        return COMMANDS.matcher(Files.readString(page))
                .results()
                .map((MatchResult found) -> found.group(1))
                .collect(Collectors.joining());
    }

    /** Runs the commands of a page in a folder of their own, and gives the last line that they print. */
    private static String lastLineOf(String page) throws Exception {
        return lastLineOf(page, Map.of());
    }

    private static String lastLineOf(String page, Map<String, String> environment) throws Exception {
        var folder = RunningSystem.newFolder();
        try {
            int port = FreePort.find();
            var script = folder.resolve("script");
            // what runs in the background ends with the script
            Files.writeString(
                    script,
                    "set -euo pipefail\ntrap 'kill $(jobs -p); wait' EXIT\ncd " + folder + "\n"
                            + commands(Path.of("../docs").resolve(page)));
            var path = Programs.COUNTERSIGN.getParent() + ":"
                    + Programs.foreign("spire-server").getParent() + ":" + System.getenv("PATH");
            var variables = new HashMap<>(environment);
            variables.putAll(Map.of("PATH", path, "SERVER_PORT", Integer.toString(port)));
            var outcome = Outcome.of(variables, List.of("bash", script.toString()));
            assertEquals(0, outcome.code(), () -> outcome.err() + outcome.out());
            return outcome.out().lines().toList().getLast().strip();
        } finally {
            new ProcessBuilder("rm", "-rf", folder.toString()).start().waitFor();
        }
    }

    @Test
    void oursAndOriginalsTakeOnePartEach() throws Exception {
        assertEquals("URI:spiffe://example.org/app", lastLineOf("integrate/one-part-at-a-time.md"));
    }

    @Test
    void anAuthorityIsReplaced() throws Exception {
        assertEquals("1", lastLineOf("operate/replace-an-authority.md"));
    }

    @Test
    void entriesStandInAFile() throws Exception {
        assertEquals("\"selectors\":[\"k8s_psat:cluster:demo\"]", lastLineOf("operate/entries-in-a-file.md"));
    }

    @Test
    void theKeysOfAServerStayInAToken() throws Exception {
        var said = lastLineOf("operate/keys-in-a-token.md");

        var words = said.split(" ", -1);
        assertEquals("signed by " + words[words.length - 1] + ", prepared was " + words[words.length - 1], said);
    }

    @Test
    void twoTrustDomainsFederateAndOneIsVerifiedByItsName() throws Exception {
        var ports = Stream.of("OTHER_SERVER_PORT", "HERE_PORT", "THERE_PORT", "OIDC_PORT")
                .collect(Collectors.toMap((String name) -> name, (String _) -> Integer.toString(FreePort.find())));

        assertEquals("https://oidc.here.example", lastLineOf("operate/federation-and-oidc.md", ports));
    }

    @Test
    void whatWasBackedUpIsRestored() throws Exception {
        assertEquals("spiffe://example.org/kept", lastLineOf("operate/back-up.md"));
    }

    @Test
    void whatWasBackedUpIsRestoredOnPostgresql() throws Exception {
        try (var postgres = new RealPostgres()) {
            postgres.execute("postgres", "CREATE DATABASE restored");
            var said = lastLineOf(
                    "operate/back-up.md",
                    Map.of(
                            "DATABASE_TYPE", "postgres",
                            "DATABASE", inFile(postgres.connectionString("postgres")),
                            // and as sed wants it
                            "RESTORED",
                                    inFile(inFile(postgres.connectionString("restored")))
                                            .replace("&", "\\&")));

            assertEquals("spiffe://example.org/kept", said);
        }
    }

    /** As it stands in a configuration file. */
    private static String inFile(String connection) {
        return connection.replace("\\", "\\\\");
    }
}
