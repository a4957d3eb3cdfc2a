// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.attest.kubernetes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.Gson;
import io.countersign.agent.TestDomain;
import io.countersign.agent.attest.Assurance;
import io.countersign.agent.attest.container.GroupFolders;
import io.countersign.agent.config.KubernetesConfig;
import io.countersign.agent.config.KubernetesConfig.Access;
import io.countersign.agent.config.KubernetesConfig.Kubelet;
import io.countersign.agent.config.KubernetesConfig.Login;
import io.countersign.agent.entry.Selector;
import io.countersign.rpc.Peer;
import io.countersign.spiffe.x509.Pem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Against a server that answers in the kubelet's form, with objects of the Kubernetes API that were written by hand. */
final class KubernetesAttestorTest {
    private static final String POD = "0a1b2c3d-0000-4444-8888-0123456789ab";
    private static final String CONTAINER = "c".repeat(64);
    private static final String PODS = """
            {"kind":"PodList","items":[
              {"metadata":{"name":"shop-1","namespace":"apps","uid":"%s","labels":{"app":"shop"}},
               "spec":{"serviceAccountName":"shop","nodeName":"node-1"},
               "status":{"containerStatuses":[
                 {"name":"main","containerID":"containerd://%s","image":"shop:1","imageID":"shop@sha256:ab"}]}},
              {"metadata":{"name":"other","namespace":"apps","uid":"another"},"spec":{},"status":{}}]}
            """.formatted(POD, CONTAINER);

    @TempDir
    private Path folder;

    private final TestDomain domain = new TestDomain(TestDomain.HOME);

    private static KubernetesConfig config(int port, Access access, int attempts, boolean containers) {
        return new KubernetesConfig(
                new Kubelet(port, access, Duration.ofMinutes(1)), attempts, Duration.ofMillis(20), containers, false);
    }

    private KubernetesAttestor plain(TestKubelet kubelet) {
        return new KubernetesAttestor(config(kubelet.port(), new Access.Plain(), 3, true), folder);
    }

    private Peer.LocalProcess in(String group) throws IOException {
        return inGroups("0::" + group);
    }

    private Peer.LocalProcess inGroups(String lines) throws IOException {
        Files.createDirectories(folder.resolve("7"));
        Files.writeString(folder.resolve("7/cgroup"), lines + "\n");
        return new Peer.LocalProcess(7, 0, 0, 1);
    }

    private Peer.LocalProcess inPod() throws IOException {
        return in("/kubepods/burstable/pod" + POD + "/" + CONTAINER);
    }

    private static Selector k8s(String value) {
        return new Selector("k8s", value);
    }

    @Test
    void podAndContainerAreNamedByTheKubelet() throws Exception {
        try (var kubelet = TestKubelet.plain().saying(PODS)) {
            var found = plain(kubelet).attest(inPod());
            assertEquals(Assurance.VOUCHED, found.get(k8s("ns:apps")), found::toString);
            assertTrue(found.containsKey(k8s("sa:shop")), found::toString);
            assertTrue(found.containsKey(k8s("pod-label:app:shop")), found::toString);
            assertTrue(found.containsKey(k8s("container-name:main")), found::toString);
            assertTrue(found.containsKey(k8s("container-image:shop@sha256:ab")), found::toString);
        }
    }

    /** The kubelet shows a native sidecar among the init containers, which it is one of. */
    @ParameterizedTest
    @ValueSource(strings = {"main", "init", "sidecar", "ephemeral"})
    void containersOfAllKindsAreFoundInAllLayoutsOfControlGroups(String name) throws Exception {
        var names = List.of("main", "init", "sidecar", "ephemeral");
        var container = ids(names).get(name);
        var direct = "/kubepods/burstable/pod" + POD + "/" + container;
        var systemd = "/kubepods.slice/kubepods-pod" + POD.replace('-', '_') + ".slice/cri-containerd-" + container
                + ".scope";
        var layouts = List.of(
                "0::" + systemd,
                "9:memory:" + direct + "\n1:name=systemd:" + direct,
                "9:memory:" + direct + "\n3:cpu:/\n0::/");
        try (var kubelet = TestKubelet.plain().saying(allKinds(ids(names)))) {
            for (var layout : layouts) {
                var found = plain(kubelet).attest(inGroups(layout));
                assertEquals(
                        List.of("container-image:" + name + ":1", "container-name:" + name),
                        valuesOf(found, "container-"),
                        layout);
                assertTrue(found.containsKey(k8s("pod-image-count:1")), found::toString);
                assertTrue(found.containsKey(k8s("pod-init-image-count:2")), found::toString);
                assertEquals(
                        List.of("pod-init-image:init:1", "pod-init-image:sidecar:1"),
                        valuesOf(found, "pod-init-image:"));
            }
        }
    }

    private static Map<String, String> ids(List<String> names) {
        return names.stream().collect(Collectors.toMap(name -> name, name -> "%064x".formatted(names.indexOf(name))));
    }

    private static String allKinds(Map<String, String> ids) {
        var status = Map.of(
                "containerStatuses", List.of(container("main", ids)),
                "initContainerStatuses", List.of(container("init", ids), container("sidecar", ids)),
                "ephemeralContainerStatuses", List.of(container("ephemeral", ids)));
        var pod = Map.of("metadata", Map.of("uid", POD), "spec", Map.of(), "status", status);
        return new Gson().toJson(Map.of("kind", "PodList", "items", List.of(pod)));
    }

    private static Map<String, String> container(String name, Map<String, String> ids) {
        return Map.of(
                "name", name,
                "containerID", "containerd://" + ids.get(name),
                "image", name + ":1",
                "imageID", name + ":1");
    }

    private static List<String> valuesOf(Map<Selector, Assurance> found, String beginning) {
        return found.keySet().stream()
                .map(Selector::value)
                .filter(value -> value.startsWith(beginning))
                .sorted()
                .toList();
    }

    @Test
    void processOutsideOfPodsHasNothingAndTheKubeletIsNotAsked() throws Exception {
        try (var kubelet = TestKubelet.plain()) {
            assertEquals(Map.of(), plain(kubelet).attest(in("/system.slice/sshd.service")));
            assertEquals(0, kubelet.asked.get());
        }
    }

    @Test
    void groupOfAUserIsNoPod() throws Exception {
        var group = "/user.slice/user-1000.slice/user@1000.service/pod" + POD + "/" + CONTAINER;
        try (var kubelet = TestKubelet.plain().saying(PODS)) {
            refused("is one that its user may name as they like", plain(kubelet), in(group));
        }
    }

    /** As root of a container without privileges, or a service to which groups are delegated, makes it. */
    @Test
    void groupThatAUserHasMadeIsNoPod() throws Exception {
        var groups = folder.resolve("groups");
        for (var version : List.of("", "memory")) {
            Files.createDirectories(groups.resolve(version).resolve("kubepods/burstable"));
            Files.createDirectories(groups.resolve(version).resolve("lxc/kubepods"));
        }
        assumeTrue(Files.getAttribute(groups, "unix:uid").equals(0), "only root gives folders away");
        try (var kubelet = TestKubelet.plain().saying(PODS)) {
            var attestor = new KubernetesAttestor(
                    config(kubelet.port(), new Access.Plain(), 3, true), folder, new GroupFolders(groups));
            var forged = "/lxc/kubepods/pod" + POD + "/" + CONTAINER;
            Files.setAttribute(groups.resolve("memory/lxc/kubepods"), "unix:uid", 4242);
            assertTrue(attestor.attest(inPod()).containsKey(k8s("ns:apps")));
            refused("are made by user 4242", attestor, in(forged));

            Files.createFile(groups.resolve("cgroup.controllers"));
            assertTrue(attestor.attest(in(forged)).containsKey(k8s("ns:apps")), "of that version it is not seen");
            Files.setAttribute(groups.resolve("lxc/kubepods"), "unix:uid", 4242);
            refused("are made by user 4242", attestor, in(forged));
            refused("are made by user 4242", attestor, in("/lxc/kubepods/" + CONTAINER));
            assertTrue(attestor.attest(inPod()).containsKey(k8s("ns:apps")));
            assertTrue(attestor.attest(in("/../lxc/kubepods/pod" + POD + "/" + CONTAINER))
                    .containsKey(k8s("ns:apps")));
        }
    }

    @Test
    void containerThatTheKubeletDoesNotKnowYetIsWaitedFor() throws Exception {
        try (var kubelet = TestKubelet.plain();
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var attestor = new KubernetesAttestor(config(kubelet.port(), new Access.Plain(), 1_000, true), folder);
            var process = inPod();
            var found = threads.submit(() -> attestor.attest(process));
            while (kubelet.asked.get() < 2) {
                Thread.onSpinWait();
            }
            kubelet.saying(PODS);
            assertTrue(found.get().containsKey(k8s("container-name:main")));
        }
        try (var kubelet = TestKubelet.plain()) {
            refused("no selectors found after max poll attempts", plain(kubelet), inPod());
            assertEquals(3, kubelet.asked.get());
        }
    }

    @Test
    void podSufficesWhereItsContainersAreNotLookedAt() throws Exception {
        var unknown = "d".repeat(64);
        try (var kubelet = TestKubelet.plain().saying(PODS)) {
            var attestor = new KubernetesAttestor(config(kubelet.port(), new Access.Plain(), 1, false), folder);
            var found = attestor.attest(in("/kubepods/pod" + POD + "/" + unknown));
            assertTrue(found.containsKey(k8s("sa:shop")), found::toString);
            assertTrue(
                    found.keySet().stream().noneMatch(each -> each.value().startsWith("container-")), found::toString);
            refused("no selectors found", attestor, in("/crio-" + unknown + ".scope"));
        }
    }

    @Test
    void twoPodsWithOneContainerAreRefused() throws Exception {
        var twice = PODS.replace(
                "\"another\"},\"spec\":{},\"status\":{}",
                "\"another\"},\"spec\":{},\"status\":" + "{\"initContainerStatuses\":[{\"containerID\":\"cri-o://"
                        + CONTAINER + "\"}]}");
        try (var kubelet = TestKubelet.plain().saying(twice)) {
            refused("two pods found", plain(kubelet), in("/crio-" + CONTAINER + ".scope"));
        }
    }

    @Test
    void howeverManyAskTheKubeletIsAskedOnce() throws Exception {
        try (var kubelet = TestKubelet.plain().saying(PODS);
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var slow = new KubernetesConfig(
                    new Kubelet(kubelet.port(), new Access.Plain(), Duration.ofMinutes(1)),
                    3,
                    Duration.ofMinutes(1),
                    true,
                    false);
            var attestor = new KubernetesAttestor(slow, folder);
            var process = inPod();
            var all = new ArrayList<Future<Map<Selector, Assurance>>>();
            for (int i = 0; i < 200; i++) {
                all.add(threads.submit(() -> attestor.attest(process)));
            }
            for (var each : all) {
                assertTrue(each.get().containsKey(k8s("sa:shop")));
            }
            assertEquals(1, kubelet.asked.get());
        }
    }

    @Test
    void kubeletThatDoesNotAnswerHoldsUpOnlyWhoIsInAPod() throws Exception {
        try (var kubelet = TestKubelet.plain();
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            kubelet.hang();
            var attestor = plain(kubelet);
            var process = inPod();
            var waiting = threads.submit(() -> attestor.attest(process));
            while (kubelet.asked.get() == 0) {
                Thread.onSpinWait();
            }
            assertEquals(Map.of(), attestor.attest(in("/system.slice/sshd.service")));
            assertFalse(waiting.isDone());
            waiting.cancel(true);
        }
    }

    @Test
    void kubeletAndAgentKnowEachOther() throws Exception {
        var authority = folder.resolve("ca.crt");
        Files.writeString(authority, Pem.certificates(domain.bundle().x509Authorities()));
        var token = folder.resolve("token");
        Files.writeString(token, "secret\n");
        try (var kubelet = TestKubelet.secure(domain, "localhost").saying(PODS)) {
            kubelet.wantToken("secret");
            var login = new Login.Token(token);
            assertTrue(asks(kubelet, new Access.Tls(Optional.of("localhost"), Optional.of(authority), login)));
            assertTrue(asks(kubelet, new Access.Tls(Optional.empty(), Optional.of(authority), login)));
            assertTrue(asks(kubelet, new Access.Tls(Optional.of("localhost"), Optional.empty(), login)));
            assertFalse(asks(kubelet, new Access.Tls(Optional.of("127.0.0.1"), Optional.of(authority), login)));
            assertFalse(asks(
                    kubelet, new Access.Tls(Optional.of("localhost"), Optional.of(authority), new Login.Anonymous())));
            var foreign = folder.resolve("foreign.crt");
            Files.writeString(
                    foreign,
                    Pem.certificates(new TestDomain(TestDomain.HOME).bundle().x509Authorities()));
            assertFalse(asks(kubelet, new Access.Tls(Optional.of("localhost"), Optional.of(foreign), login)));
            assertFalse(asks(kubelet, new Access.Tls(Optional.empty(), Optional.of(foreign), login)));
        }
    }

    @Test
    void agentShowsACertificate() throws Exception {
        var identity = domain.issue("/agent");
        var certificate = folder.resolve("c.pem");
        var key = folder.resolve("k.pem");
        Files.writeString(certificate, Pem.certificates(identity.chain()));
        Files.writeString(key, Pem.privateKey(identity.privateKey()));
        try (var kubelet = TestKubelet.secure(domain, "localhost").saying(PODS)) {
            kubelet.wantCertificate();
            assertTrue(asks(
                    kubelet,
                    new Access.Tls(
                            Optional.of("localhost"), Optional.empty(), new Login.Certificate(certificate, key))));
            assertFalse(
                    asks(kubelet, new Access.Tls(Optional.of("localhost"), Optional.empty(), new Login.Anonymous())));
        }
    }

    private boolean asks(TestKubelet kubelet, Access access) throws IOException, InterruptedException {
        var attestor = new KubernetesAttestor(config(kubelet.port(), access, 1, true), folder);
        try {
            return !attestor.attest(inPod()).isEmpty();
        } catch (IOException e) {
            return false;
        }
    }

    private static void refused(String words, KubernetesAttestor attestor, Peer.LocalProcess process) {
        var refused = assertThrows(IOException.class, () -> attestor.attest(process));
        assertTrue(String.valueOf(refused.getMessage()).contains(words), refused::getMessage);
    }

    @Test
    void answersThatAreNoListAreRefused() throws Exception {
        for (var answer : List.of("{}", "[]", "{\"items\":1}", "no json", "{\"items\":[1]}")) {
            try (var kubelet = TestKubelet.plain().saying(answer)) {
                refused("kubelet response", plain(kubelet), inPod());
            }
        }
        try (var kubelet = TestKubelet.plain().saying("Unauthorized")) {
            refused("unexpected status code on pods response: 401", plain(kubelet), inPod());
        }
    }
}
