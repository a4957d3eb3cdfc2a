// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonParser;
import io.countersign.agent.cli.Outcome;
import io.countersign.agent.config.AgentConfig.Admin;
import io.countersign.launch.Log;
import io.countersign.launch.LogSettings;
import io.countersign.rpc.RpcChannels;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** A whole agent, asked by its operator's commands. */
final class AdminSocketTest {
    private static final Pattern LOGGED = Pattern.compile("(?m)^20[0-9]{2}-[^\\n]* INFO [^\\n]*\\n");

    @TempDir
    private Path folder;

    private FakeServer server;
    private RunningAgent agent;

    @BeforeEach
    void open() throws Exception {
        server = FakeServer.start();
        server.tokens.add("token");
        server.change(server.entry("a", "/web"));
        var socket = folder.resolve("private/admin.sock");
        agent = RunningAgent.start(
                TestConfig.withAdmin(TestConfig.of(folder, server, Optional.of("token")), new Admin(socket, Set.of())),
                socket);
    }

    @AfterEach
    void close() throws Exception {
        agent.close();
        server.close();
        Log.configure(LogSettings.standard());
    }

    private Outcome ask(String... words) {
        var all = new ArrayList<>(Arrays.asList(words));
        all.addAll(List.of("-socketPath", folder.resolve("private/admin.sock").toString()));
        return run(all.toArray(String[]::new));
    }

    private static Outcome run(String... words) {
        var said = Outcome.run(words);
        // the agent of this test logs to the same place
        return new Outcome(said.code(), said.out(), LOGGED.matcher(said.err()).replaceAll(""));
    }

    private static String succeeded(Outcome outcome) {
        assertEquals(0, outcome.code(), outcome::err);
        return outcome.out();
    }

    @Test
    void anAgentTellsHowItIs() {
        var words = succeeded(ask("debug", "getinfo"));
        assertTrue(words.startsWith("Agent Debug Info:\n  Uptime:                          "), words);
        for (var line : List.of(
                "  Last Sync Success:               20",
                "  Cached X.509 SVIDs:              1\n",
                "  Cached JWT SVIDs:                0\n",
                "  Cached SVID Store X.509 SVIDs:   0\n  SVID Chain:\n    [0] SPIFFE ID:  spiffe://example.org/spire/agent/"
                        + "join_token/token\n        Subject:    ",
                "    [1] SPIFFE ID:  spiffe://example.org\n")) {
            assertTrue(words.contains(line), () -> line + " is not in\n" + words);
        }
        var json = JsonParser.parseString(succeeded(ask("debug", "getinfo", "-output", "json")))
                .getAsJsonObject();
        assertEquals(1, json.get("cached_x509_svids_count").getAsInt());
        assertEquals(1, json.get("svids_count").getAsInt());
        assertEquals(2, json.getAsJsonArray("svid_chain").size());
    }

    @Test
    void theLevelOfTheLogIsChangedAndSetBack() {
        var log = LoggerFactory.getLogger("io.countersign.agent.Agent");
        assertEquals("Logger Level : info\nLaunch Level : info\n\n", succeeded(ask("logger", "get")));
        assertEquals(
                "Logger Level : debug\nLaunch Level : info\n\n", succeeded(ask("logger", "set", "-level", "debug")));
        assertTrue(log.isDebugEnabled());
        assertEquals(
                "{\"current_level\":\"WARN\",\"launch_level\":\"INFO\"}\n",
                succeeded(ask("logger", "set", "-level", "warning", "-output", "json")));
        assertFalse(log.isInfoEnabled());
        assertEquals("Logger Level : info\nLaunch Level : info\n\n", succeeded(ask("logger", "reset")));
        assertTrue(log.isInfoEnabled());
    }

    @Test
    void whatIsWrongIsSaidAsTheOriginalDoes() {
        assertEquals(new Outcome(1, "", "Error: a value (-level) must be set\n"), ask("logger", "set"));
        assertEquals(
                new Outcome(1, "", "Error: the value \"never\" is not a valid setting\n"),
                ask("logger", "set", "-level", "never"));
        var nobody = folder.resolve("nobody.sock");
        assertEquals(
                new Outcome(
                        1,
                        "",
                        "Error: error fetching logger: rpc error: code = Unavailable desc = connection error: desc ="
                                + " \"transport: Error while dialing: dial unix //" + nobody
                                + ": connect: no such file or directory\"\n"),
                run("logger", "get", "-socketPath", nobody.toString()));
    }

    @Test
    void theSocketHasAHealthServiceAndNoWorkloadApi() {
        var channel = RpcChannels.unix(folder.resolve("private/admin.sock"));
        try {
            assertEquals(
                    ServingStatus.SERVING,
                    HealthGrpc.newBlockingStub(channel)
                            .check(HealthCheckRequest.getDefaultInstance())
                            .getStatus());
        } finally {
            channel.shutdownNow();
        }
        var refused = Outcome.run(
                "api",
                "fetch",
                "-socketPath",
                folder.resolve("private/admin.sock").toString());
        assertTrue(refused.err().contains("code = Unimplemented"), refused::err);
    }
}
