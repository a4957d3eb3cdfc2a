// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.attest.container;

import io.countersign.agent.config.ContainerPatterns;
import java.io.IOException;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The container that a process is in, by the names of its control groups. These are the kernel's word and not the
 * process's, with two exceptions that are refused: below a user's own slice a user names them, and below its own group a
 * container may. Mount tables, which a process writes for itself, are not looked at.
 *
 * @param group the control group of the container itself
 * @param container 64 hexadecimal digits, by convention of the engines
 * @param pod the pod's UID, where the group of a pod is around it
 */
public record Location(String group, String container, Optional<String> pod) {
    private static final Pattern CONTAINER = Pattern.compile("\\b[0-9A-Fa-f]{64}\\b");
    private static final Pattern POD = Pattern.compile(
            "\\bpod([0-9A-Fa-f]{8}[-_][0-9A-Fa-f]{4}[-_][0-9A-Fa-f]{4}[-_][0-9A-Fa-f]{4}[-_][0-9A-Fa-f]{12})\\b");
    private static final Pattern USERS = Pattern.compile("/user-\\d+\\.slice/");

    /**
     * The innermost container. Of several hierarchies, one that names a pod counts more than one that does not, and one that
     * names a container more than one that does not.
     *
     * @return nothing for a process outside of containers
     * @throws IOException if two hierarchies, or two names in one, speak of different containers or pods
     */
    public static Optional<Location> of(ControlGroups groups) throws IOException {
        Optional<Location> found = Optional.empty();
        for (var path : groups.paths()) {
            var here = of(path);
            if (here.isEmpty()) {
                continue;
            }
            if (found.isEmpty() || (found.get().pod.isEmpty() && here.get().pod.isPresent())) {
                found = here;
            } else if (here.get().pod.isPresent() || found.get().pod.isEmpty()) {
                requireSame(
                        "pod uids", found.get().pod.orElse(""), here.get().pod.orElse(""));
                requireSame("container ids", found.get().container, here.get().container);
            }
        }
        return found;
    }

    /** As {@link #of(ControlGroups)}, where an operator says by patterns what the groups of containers are called. */
    static Optional<Location> of(ControlGroups groups, ContainerPatterns patterns) throws IOException {
        Optional<Location> found = Optional.empty();
        for (var path : groups.paths()) {
            var container = patterns.find(path);
            if (container.isPresent()) {
                requireSame("container ids", found.map(Location::container).orElse(container.get()), container.get());
                found = found.or(() -> Optional.of(new Location(path, container.get(), Optional.empty())));
            }
        }
        return found;
    }

    private static Optional<Location> of(String path) throws IOException {
        int begin = -1;
        int end = -1;
        var names = CONTAINER.matcher(path);
        while (names.find()) {
            begin = names.start();
            end = names.end();
        }
        if (begin < 0) {
            return Optional.empty();
        }
        var pods = POD.matcher(path.substring(0, begin)).results().toList();
        if (pods.size() > 1) {
            throw new IOException("the control group " + path + " is that of two pods, one below the other");
        }
        int slash = path.indexOf('/', end);
        return Optional.of(new Location(
                slash < 0 ? path : path.substring(0, slash),
                path.substring(begin, end),
                pods.stream().findAny().map(pod -> pod.group(1).replace('_', '-'))));
    }

    /** The control group in which that of the pod is, or that of a container without one. */
    public String around() {
        var name = POD.matcher(group);
        int begin = pod.isPresent() && name.find() ? name.start() : group.length();
        return group.substring(0, Math.max(0, group.lastIndexOf('/', begin)));
    }

    private static void requireSame(String what, String one, String other) throws IOException {
        if (!one.equals(other)) {
            throw new IOException("multiple %s found (%s, %s)".formatted(what, one, other));
        }
    }

    /** Whether it is below the groups that systemd gives to a user to do as they like with. */
    public boolean isUsers() {
        return USERS.matcher(group).find();
    }
}
