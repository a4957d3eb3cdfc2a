// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.attest.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.agent.config.ContainerPatterns;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Control groups as the kernel writes them for engines, drivers and versions of all kinds. */
final class LocationTest {
    private static final String ONE = "1".repeat(64);
    private static final String TWO = "2".repeat(64);
    private static final String POD = "0a1b2c3d-0000-4444-8888-0123456789ab";
    private static final String OTHER_POD = "ffffffff-0000-4444-8888-0123456789ab";

    @TempDir
    private Path proc;

    private Optional<Location> of(String... lines) throws IOException {
        Files.createDirectories(proc.resolve("7"));
        Files.writeString(proc.resolve("7/cgroup"), String.join("\n", lines) + "\n");
        return Location.of(ControlGroups.of(proc, 7));
    }

    private static Optional<Location> pod(String group, String container) {
        return Optional.of(new Location(group, container, Optional.of(POD)));
    }

    @Test
    void podsOfVersionTwo() throws Exception {
        var direct = "/kubepods/burstable/pod" + POD + "/" + ONE;
        assertEquals(pod(direct, ONE), of("0::" + direct));
        var systemd = "/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod" + POD.replace('-', '_')
                + ".slice/cri-containerd-" + ONE + ".scope";
        assertEquals(pod(systemd, ONE), of("0::" + systemd));
        var seenFromAnotherPod = "/../../pod" + POD + "/" + ONE;
        assertEquals(pod(seenFromAnotherPod, ONE), of("0::" + seenFromAnotherPod));
    }

    @Test
    void podsOfVersionOneAndOfBoth() throws Exception {
        var group = "/kubepods/besteffort/pod" + POD + "/" + ONE;
        assertEquals(pod(group, ONE), of("9:memory:" + group, "1:name=systemd:" + group));
        assertEquals(pod(group, ONE), of("9:memory:" + group, "3:cpu:/", "0::/"));
        assertEquals(pod(group, ONE), of("3:cpu:/", "0::/system.slice/containerd.service", "9:memory:" + group));
        var colons = "/system.slice/containerd.service/kubepods-pod" + POD.replace('-', '_') + ".slice:cri-containerd:"
                + ONE;
        assertEquals(pod(colons, ONE), of("4:devices:" + colons));
    }

    @Test
    void groupsBelowAContainerAreTheContainers() throws Exception {
        var group = "/kubepods/pod" + POD + "/" + ONE;
        assertEquals(pod(group, ONE), of("0::" + group + "/init.scope/deeper"));
    }

    @Test
    void clusterInAContainerIsTheInnerOne() throws Exception {
        var inner = "/docker/" + TWO + "/kubepods/besteffort/pod" + POD + "/" + ONE;
        assertEquals(
                pod(inner, ONE), of("1:cpuset:" + inner, "0::/docker/" + TWO + "/system.slice/containerd.service"));
        assertEquals(
                pod(inner, ONE), of("0::/docker/" + TWO + "/system.slice/containerd.service", "1:cpuset:" + inner));
    }

    @Test
    void containersWithoutAPod() throws Exception {
        assertEquals(
                Optional.of(new Location("/docker/" + ONE, ONE, Optional.empty())),
                of("3:cpu:/docker/" + ONE, "2:pids:/", "0::/"));
        var podman = "/machine.slice/libpod-" + ONE + ".scope";
        assertEquals(Optional.of(new Location(podman, ONE, Optional.empty())), of("0::" + podman + "/container"));
    }

    @Test
    void outsideOfContainersThereIsNone() throws Exception {
        assertEquals(Optional.empty(), of("0::/system.slice/ssh.service"));
        assertEquals(Optional.empty(), of("9:memory:/", "0::/"));
        assertEquals(Optional.empty(), of("0::/docker/" + ONE.substring(1)));
        assertEquals(Optional.empty(), of("0::/docker/" + ONE + "1"));
    }

    @Test
    void whatSpeaksOfTwoIsRefused() {
        var group = "/kubepods/pod" + POD + "/";
        refused("multiple container ids found", "1:cpu:" + group + ONE, "2:pids:" + group + TWO);
        refused("multiple pod uids found", "1:cpu:" + group + ONE, "2:pids:/kubepods/pod" + OTHER_POD + "/" + ONE);
        refused("multiple container ids found", "1:cpu:/docker/" + ONE, "2:pids:/docker/" + TWO);
    }

    @Test
    void groupThatAContainerHasMadeForItselfIsRefused() {
        refused("is that of two pods", "0::/kubepods/pod" + POD + "/" + ONE + "/pod" + OTHER_POD + "/" + TWO);
    }

    @Test
    void groupsOfUsersAreKnownAsSuch() throws Exception {
        var below = "/user.slice/user-1000.slice/user@1000.service/app.slice/libpod-" + ONE + ".scope";
        assertTrue(of("0::" + below).orElseThrow().isUsers());
        assertFalse(of("0::/docker/" + ONE).orElseThrow().isUsers());
    }

    @Test
    void groupAroundAPodOrAContainerIsKnown() throws Exception {
        assertEquals(
                "/kubepods/burstable",
                of("0::/kubepods/burstable/pod" + POD + "/" + ONE).orElseThrow().around());
        var colons = "/system.slice/containerd.service/kubepods-pod" + POD.replace('-', '_') + ".slice:cri-containerd:";
        assertEquals(
                "/system.slice/containerd.service",
                of("0::" + colons + ONE).orElseThrow().around());
        assertEquals("", of("0::/pod" + POD + "/" + ONE).orElseThrow().around());
        assertEquals("/docker", of("0::/docker/" + ONE + "/init").orElseThrow().around());
        assertEquals("", of("0::/crio-" + ONE + ".scope").orElseThrow().around());
    }

    @Test
    void mountTableIsNotLookedAt() throws Exception {
        Files.createDirectories(proc.resolve("7"));
        var forged = "/kubepods/pod" + OTHER_POD + "/" + TWO;
        Files.writeString(
                proc.resolve("7/mountinfo"),
                "30 23 0:26 " + forged + " /sys/fs/cgroup rw - cgroup2 cgroup rw\n31 23 0:27 " + forged
                        + " /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n");
        assertEquals(Optional.empty(), of("0::/"));
        assertEquals(Optional.empty(), of("9:memory:/", "0::/"));
        var own = "/kubepods/pod" + POD + "/" + ONE;
        assertEquals(pod(own, ONE), of("0::" + own));
        assertEquals(pod(own, ONE), of("9:memory:" + own, "0::/"));
    }

    @Test
    void lineOfAnotherFormIsRefused() {
        refused("\"0:\" is no line of a cgroup file", "0:");
    }

    @Test
    void operatorsPatternsCountInPlaceOfTheUsual() throws Exception {
        var patterns = new ContainerPatterns(List.of("/my.slice/*/<id>", "/other/<id>"));
        var groups = new ControlGroups(List.of("/", "/my.slice/a/box1", "/docker/" + ONE));
        assertEquals("box1", Location.of(groups, patterns).orElseThrow().container());
        assertEquals(Optional.empty(), Location.of(new ControlGroups(List.of("/docker/" + ONE)), patterns));
        var two = new ControlGroups(List.of("/my.slice/a/box1", "/other/box2"));
        assertThrows(IOException.class, () -> Location.of(two, patterns));
    }

    @Test
    void patternsThatCannotBeToldApartAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> new ContainerPatterns(List.of("/a/*")));
        assertThrows(IllegalArgumentException.class, () -> new ContainerPatterns(List.of("/<id>/<id>")));
        assertThrows(IllegalArgumentException.class, () -> new ContainerPatterns(List.of("/a/b/<id>", "/*/b/<id>")));
    }

    private void refused(String words, String... lines) {
        var refused = assertThrows(IOException.class, () -> of(lines));
        assertTrue(String.valueOf(refused.getMessage()).contains(words), refused::getMessage);
    }
}
