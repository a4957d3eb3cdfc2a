// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.attest.kubernetes;

import io.countersign.agent.attest.Assurance;
import io.countersign.agent.attest.WorkloadAttestor;
import io.countersign.agent.attest.container.ControlGroups;
import io.countersign.agent.attest.container.GroupFolders;
import io.countersign.agent.attest.container.Location;
import io.countersign.agent.attest.kubernetes.PodLists.PodList;
import io.countersign.agent.config.KubernetesConfig;
import io.countersign.agent.entry.Selector;
import io.countersign.rpc.Peer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The {@code k8s} attestor: the kernel says in which container of which pod a process is, the kubelet what these are. A
 * container that has only just started is waited for.
 */
public final class KubernetesAttestor implements WorkloadAttestor {
    public static final String NAME = "k8s";

    private static final Logger log = LoggerFactory.getLogger(KubernetesAttestor.class);
    private static final Duration LAST_ANSWER = Duration.ofSeconds(15);

    private final KubernetesConfig config;
    private final Path proc;
    private final GroupFolders folders;
    private final PodLists lists;

    /** @param proc the folder {@code /proc} */
    public KubernetesAttestor(KubernetesConfig config, Path proc) {
        this(config, proc, GroupFolders.SYSTEM);
    }

    KubernetesAttestor(KubernetesConfig config, Path proc, GroupFolders folders) {
        this.config = config;
        this.proc = proc;
        this.folders = folders;
        this.lists = new PodLists(config.kubelet(), config.pollInterval());
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Duration patience() {
        return config.pollInterval().multipliedBy(config.maxPollAttempts()).plus(LAST_ANSWER);
    }

    @Override
    public Map<Selector, Assurance> attest(Peer.LocalProcess process) throws IOException, InterruptedException {
        var groups = ControlGroups.of(proc, process.pid());
        if (config.verboseLogs()) {
            log.debug("pid {} is in the control groups {}", process.pid(), groups.paths());
        }
        var location = Location.of(groups);
        if (location.isEmpty()) {
            return Map.of();
        }
        if (location.get().isUsers()) {
            throw new IOException("the control group " + location.get().group()
                    + " is one that its user may name as they like; pods are not there");
        }
        folders.requireOwners(location.get().around());
        return found(location.get());
    }

    private Map<Selector, Assurance> found(Location location) throws IOException, InterruptedException {
        long seen = 0;
        for (int attempt = 1; attempt <= config.maxPollAttempts(); attempt++) {
            var list = next(seen, attempt == config.maxPollAttempts());
            if (list.isPresent()) {
                seen = list.get().version();
                var values = values(location, list.get());
                if (values.isPresent()) {
                    return selectors(values.get());
                }
            }
        }
        throw new IOException("no selectors found after max poll attempts: the kubelet does not know container "
                + location.container());
    }

    private Optional<PodList> next(long seen, boolean lastAttempt) throws IOException, InterruptedException {
        try {
            return Optional.of(lists.next(seen));
        } catch (IOException e) {
            if (lastAttempt) {
                throw e;
            }
            log.debug("no list of pods, asked again: {}", e.getMessage());
            return Optional.empty();
        }
    }

    /** Nothing if the kubelet does not know the container yet. */
    private Optional<List<String>> values(Location location, PodList list) throws IOException {
        Optional<List<String>> found = Optional.empty();
        for (var pod : list.pods().values()) {
            if (location.pod().isPresent() && !location.pod().get().equals(pod.uid())) {
                continue;
            }
            var container = pod.container(location.container());
            boolean suffices = location.pod().isPresent() && !config.containerSelectors();
            if (container.isEmpty() && !suffices) {
                continue;
            }
            if (found.isPresent()) {
                throw new IOException("two pods found with same container id " + location.container());
            }
            var ofContainer = container
                    .filter(known -> config.containerSelectors())
                    .map(Pod::values)
                    .orElse(List.of());
            found = Optional.of(
                    Stream.concat(pod.values().stream(), ofContainer.stream()).toList());
        }
        return found;
    }

    private static Map<Selector, Assurance> selectors(List<String> values) {
        var found = new HashMap<Selector, Assurance>();
        values.forEach(value -> found.put(new Selector(NAME, value), Assurance.VOUCHED));
        return found;
    }
}
