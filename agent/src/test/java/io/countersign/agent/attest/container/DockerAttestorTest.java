// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.attest.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.agent.attest.Assurance;
import io.countersign.agent.config.DockerConfig;
import io.countersign.agent.entry.Selector;
import io.countersign.rpc.Peer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DockerAttestorTest {
    private static final String ONE = "1".repeat(64);
    private static final String TWO = "2".repeat(64);
    private static final int CALLER = 7;
    private static final int FIRST = 5;

    @TempDir
    private Path folder;

    private TestEngine docker;
    private TestEngine podman;
    private TestEngine ofUser;

    @BeforeEach
    void start() throws IOException {
        docker = new TestEngine(folder.resolve("docker.sock"));
        podman = new TestEngine(folder.resolve("podman.sock"));
        ofUser = new TestEngine(folder.resolve("1000.sock"));
    }

    @AfterEach
    void stop() throws IOException {
        docker.close();
        podman.close();
        ofUser.close();
    }

    private static String container(String label) {
        return """
                {"Id":"x","State":{"Status":"running","Pid":%d},"Config":{"Image":"shop:1",
                 "Labels":{"app":"%s","with":"a:b"},"Env":["PATH=/bin","MODE=x y"]}}
                """.formatted(FIRST, label);
    }

    private void in(int pid, String group) throws IOException {
        Files.createDirectories(folder.resolve(Integer.toString(pid)));
        Files.writeString(folder.resolve(pid + "/cgroup"), "0::" + group + "\n");
    }

    private Map<Selector, Assurance> attest(boolean rootless, String version) throws IOException, InterruptedException {
        var config = new DockerConfig(
                folder.resolve("docker.sock"),
                version,
                folder.resolve("podman.sock"),
                folder.resolve("%d.sock").toString(),
                rootless,
                Optional.empty(),
                false);
        return new DockerAttestor(config, folder).attest(new Peer.LocalProcess(CALLER, 0, 0, 1));
    }

    private void refused(String words, boolean rootless) {
        var refused = assertThrows(IOException.class, () -> attest(rootless, ""));
        assertTrue(String.valueOf(refused.getMessage()).contains(words), refused::getMessage);
    }

    private static Set<Selector> docker(String... values) {
        return Arrays.stream(values).map(value -> new Selector("docker", value)).collect(Collectors.toSet());
    }

    @Test
    void containerIsWhatItsEngineSays() throws Exception {
        docker.saying("/containers/" + ONE + "/json", container("shop"))
                .saying("/images/shop:1/json", "{\"Id\":\"sha256:ab\"}");
        in(CALLER, "/docker/" + ONE);
        in(FIRST, "/docker/" + ONE);
        var found = attest(false, "");
        assertEquals(
                docker(
                        "label:app:shop",
                        "label:with:a:b",
                        "env:PATH=/bin",
                        "env:MODE=x y",
                        "image_id:shop:1",
                        "image_config_digest:sha256:ab"),
                found.keySet());
        assertEquals(Set.of(Assurance.VOUCHED), Set.copyOf(found.values()));
    }

    @Test
    void versionIsAskedForAndAMissingImageIsNoFault() throws Exception {
        docker.saying("/v1.44/containers/" + ONE + "/json", container("shop"));
        in(CALLER, "/docker/" + ONE + "/below");
        in(FIRST, "/docker/" + ONE + "/init");
        assertTrue(attest(false, "1.44").keySet().containsAll(docker("image_id:shop:1")));
        assertEquals(List.of("/v1.44/containers/" + ONE + "/json", "/v1.44/images/shop:1/json"), docker.asked);
    }

    @Test
    void processOutsideOfContainersHasNothing() throws Exception {
        in(CALLER, "/system.slice/ssh.service");
        assertEquals(Map.of(), attest(false, ""));
        assertEquals(List.of(), docker.asked);
    }

    @Test
    void podmansContainersAreAskedAtPodman() throws Exception {
        podman.saying("/containers/" + ONE + "/json", container("podman"));
        in(CALLER, "/machine.slice/libpod-" + ONE + ".scope/container");
        in(FIRST, "/machine.slice/libpod-" + ONE + ".scope/container");
        assertTrue(attest(false, "1.44").keySet().containsAll(docker("label:app:podman")));
    }

    /** Recorded from Podman 4.3.1 with runc, of {@code podman run --label app=shop} on a machine with both cgroup versions. */
    @Test
    void podmanAsItHasAnswered() throws Exception {
        var container = "c3b0828d803608eb78b85e2c494e2509ca1da22f8edeb3d8a457fdaa139a6bce";
        podman.saying("/containers/" + container + "/json", recorded("podman-4.3.1-container.json"))
                .saying("/images/localhost/shop:1/json", recorded("podman-4.3.1-image.json"));
        for (int pid : List.of(CALLER, 8227)) {
            in(pid, "");
            Files.writeString(folder.resolve(pid + "/cgroup"), recorded("podman-4.3.1-cgroup.txt"));
        }
        assertEquals(
                docker(
                        "label:app:shop",
                        "label:team:shop",
                        "env:PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                        "env:TERM=xterm",
                        "env:container=podman",
                        "env:MODE=prod",
                        "env:HOSTNAME=vm",
                        "image_id:localhost/shop:1",
                        "image_config_digest:"
                                + "sha256:c51b61f67a6d6538a5665c468e130622f1c4a0c463660c8d2da83e21c2103ad9"),
                attest(false, "").keySet());
    }

    private static String recorded(String name) throws IOException {
        try (var file = DockerAttestorTest.class.getResourceAsStream(name)) {
            if (file == null) {
                throw new IOException(name + " is missing");
            }
            return new String(file.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void enginesOfUsersAreBelievedOnlyIfTheOperatorSaysSo() throws Exception {
        ofUser.saying("/containers/" + ONE + "/json", container("mine"));
        var group = "/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-" + ONE + ".scope";
        in(CALLER, group);
        in(FIRST, group);
        refused("is one that user 1000 may name as they like", false);
        var found = attest(true, "");
        assertEquals(Assurance.CLAIMED, found.get(new Selector("docker", "label:app:mine")));
    }

    @Test
    void groupThatOnlyHasTheNameOfAContainerIsRefused() throws Exception {
        docker.saying("/containers/" + ONE + "/json", container("shop"))
                .saying("/containers/" + TWO + "/json", container("other"));
        in(FIRST, "/docker/" + ONE);
        in(CALLER, "/elsewhere/" + ONE);
        refused("has the name of a container whose first process, 5, is in /docker/" + ONE, false);
        in(CALLER, "/docker/" + ONE + "/" + TWO);
        refused("has the name of a container whose first process", false);
        in(CALLER, "/user.slice/user-1000.slice/user@1000.service/" + ONE);
        refused("may name as they like", true);
        docker.saying("/containers/" + ONE + "/json", "{\"State\":{\"Pid\":0},\"Config\":{}}");
        in(CALLER, "/docker/" + ONE);
        refused("first process, 0, is in none", false);
    }

    @Test
    void engineThatDoesNotKnowTheContainerIsAskedAgainAndThenRefused() throws Exception {
        in(CALLER, "/docker/" + ONE);
        refused("answers 404 to /containers/" + ONE + "/json", false);
        assertEquals(4, docker.asked.size());
        docker.close();
        refused("cannot be asked", false);
    }
}
