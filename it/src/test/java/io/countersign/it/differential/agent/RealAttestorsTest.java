// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonParser;
import io.countersign.it.process.Await;
import io.countersign.it.process.Daemon;
import io.countersign.it.process.Outcome;
import io.countersign.it.process.Programs;
import io.countersign.it.process.Side;
import io.countersign.serverapi.types.Entry;
import io.countersign.serverapi.types.Selector;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A unit of a real systemd and a container of a real Docker engine get from both agents what their entry says, and both agents
 * see the same selectors of them.
 */
@Tag("foreign")
class RealAttestorsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String WANTED = "spiffe://example.org/shop";

    private Path folder;
    private OriginalServer server;

    @BeforeEach
    void start() throws Exception {
        assumeTrue(Programs.isRoot(), "only root may start a systemd or a Docker engine");
        folder = OpenFolder.create();
        server = OriginalServer.start(folder, "example.org", false);
    }

    @AfterEach
    void stop() throws Exception {
        server.close();
        OpenFolder.delete(folder);
    }

    @Test
    void aUnitOfSystemd() throws Exception {
        var here = folder.resolve("units/shop.service");
        entry("systemd", "id:shop.service", "fragment_path:" + here);
        var pid = folder.resolve("shop.pid");
        var services = Map.of(
                "ours", "exec " + agent(Side.OURS, "WorkloadAttestor \"systemd\" { plugin_data {} }"),
                "original", "exec " + agent(Side.ORIGINAL, "WorkloadAttestor \"systemd\" { plugin_data {} }"),
                "shop", "echo $$ >" + pid + "\n" + calls(),
                "explained", "until " + explain("$(cat " + pid + ")") + "; do sleep 0.5; done");
        try (var systemd = Systemd.start(folder, services)) {
            awaitIdentities(() -> systemd.said("shop"));
            Await.until(
                    PATIENCE,
                    "nothing is explained",
                    () -> systemd.said("explained").contains("gets " + WANTED));

            var seen = seenByOurs("systemd", systemd.said("explained"));
            assertEquals(seenByOriginal("systemd"), seen);
            assertEquals(List.of("fragment_path:" + here, "id:shop.service"), List.copyOf(seen));
        }
    }

    @Test
    void aContainerOfDocker() throws Exception {
        try (var docker = DockerEngine.start(OpenFolder.below(folder, "docker"))) {
            Outcome.of(Map.of(), List.of("tar", "-c", "-T", "/dev/null", "-f", folder + "/empty.tar"));
            var image = docker.command(
                    List.of("import", "-c", "LABEL team=shop", "-c", "ENV MODE=prod", folder + "/empty.tar", "shop:1"));
            entry("docker", "label:app:shop", "label:team:shop", "image_id:shop:1", "image_config_digest:" + image);
            var attestor = "WorkloadAttestor \"docker\" { plugin_data { docker_socket_path = \"unix://"
                    + docker.socket() + "\" } }";
            try (var _ = startAgent(Side.OURS, attestor);
                    var _ = startAgent(Side.ORIGINAL, attestor)) {
                var container = docker.command(run());
                awaitIdentities(() -> docker.command(List.of("logs", container)));
                var pid = docker.command(List.of("inspect", "--format", "{{.State.Pid}}", container));
                var explained = Outcome.of(Map.of(), List.of("sh", "-c", explain(pid)));

                var seen = seenByOurs("docker", explained.out());
                assertEquals(seenByOriginal("docker"), seen, explained::toString);
                assertTrue(
                        seen.containsAll(List.of("label:app:shop", "env:MODE=prod", "image_config_digest:" + image)),
                        seen::toString);
            }
        }
    }

    /** A container whose image is empty, and which has the machine's programs. */
    private List<String> run() {
        return List.of(
                "run",
                "--detach",
                "--network=none",
                "--label=app=shop",
                "--volume=/usr:/usr:ro",
                "--volume=/bin:/bin:ro",
                "--volume=/lib:/lib:ro",
                "--volume=/lib64:/lib64:ro",
                "--volume=" + Programs.foreign("spire-agent") + ":" + Programs.foreign("spire-agent") + ":ro",
                "--volume=" + folder + ":" + folder,
                "shop:1",
                "/bin/sh",
                "-c",
                calls());
    }

    private void entry(String type, String... values) {
        var entry = Entry.newBuilder().setSpiffeId(server.id("/shop")).setParentId(server.id(TwoAgents.ALIAS));
        for (var value : values) {
            entry.addSelectors(Selector.newBuilder().setType(type).setValue(value));
        }
        server.create(entry);
    }

    private Daemon startAgent(Side side, String attestor) throws Exception {
        return Daemon.startReady(
                folder.resolve(side + ".out"),
                List.of("sh", "-c", "exec " + agent(side, attestor)),
                () -> Files.exists(socket(side)));
    }

    /** The command by which an agent runs. */
    private String agent(Side side, String attestor) throws IOException {
        var home = OpenFolder.below(folder, side.name());
        var config = home.resolve("agent.conf");
        var bundle = home.resolve("bundle.pem");
        try {
            Files.writeString(bundle, server.command("bundle", "show"));
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
        Files.writeString(config, """
                agent {
                  data_dir = "%1$s"
                  log_level = "DEBUG"
                  log_format = "json"
                  log_file = "%7$s"
                  server_address = "127.0.0.1"
                  server_port = %2$d
                  socket_path = "%3$s"
                  admin_socket_path = "%4$s"
                  trust_bundle_path = "%5$s"
                  trust_domain = "example.org"
                }
                plugins {
                  KeyManager "memory" { plugin_data {} }
                  NodeAttestor "join_token" { plugin_data {} }
                  %6$s
                }
                """.formatted(
                        home, server.port(), socket(side), adminSocket(side), bundle, attestor, log(side)));
        return String.join(
                " ",
                side.command(
                        Side.Part.AGENT,
                        List.of("run", "-config", config.toString(), "-joinToken", server.joinToken(TwoAgents.ALIAS))));
    }

    private Path socket(Side side) {
        return folder.resolve(side + "/public/api.sock");
    }

    private Path adminSocket(Side side) {
        return folder.resolve(side + "/private/admin.sock");
    }

    private Path log(Side side) {
        return folder.resolve(side + "/agent.log");
    }

    /** A script that goes on asking both agents. */
    private String calls() {
        var watch = Programs.foreign("spire-agent") + " api watch -socketPath ";
        return watch + socket(Side.ORIGINAL) + " & exec " + watch + socket(Side.OURS);
    }

    private String explain(String pid) {
        return String.join(
                " ",
                Side.OURS.command(
                        Side.Part.AGENT,
                        List.of("explain", "-socketPath", adminSocket(Side.OURS).toString(), pid)));
    }

    private interface Said {
        String soFar() throws Exception;
    }

    private static void awaitIdentities(Said said) {
        Await.until(PATIENCE, "not both agents give an identity", () -> {
            assertEquals(2, said.soFar().split(WANTED + "\\s", -1).length - 1, said.soFar());
            return true;
        });
    }

    private static Set<String> seenByOurs(String type, String explained) {
        return explained
                .lines()
                .filter(line -> line.startsWith("    vouched  " + type + ":"))
                .map(line -> line.substring(line.indexOf(':') + 1))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private Set<String> seenByOriginal(String type) throws IOException {
        var found = new TreeSet<String>();
        for (var line : Files.readAllLines(log(Side.ORIGINAL))) {
            if (line.contains("\"PID attested to have selectors\"")) {
                for (var each : JsonParser.parseString(line).getAsJsonObject().getAsJsonArray("selectors")) {
                    var selector = each.getAsJsonObject();
                    if (selector.get("type").getAsString().equals(type)) {
                        found.add(selector.get("value").getAsString());
                    }
                }
            }
        }
        return found;
    }
}
