// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.attest.kubernetes;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What the kubelet says of one pod.
 *
 * @param ephemeral containers that were put into it later on, to look for faults
 */
record Pod(
        String uid,
        String name,
        String namespace,
        String serviceAccount,
        String node,
        Map<String, String> labels,
        List<Owner> owners,
        List<Container> containers,
        List<Container> init,
        List<Container> ephemeral) {
    record Owner(String kind, String name, String uid) {}

    /**
     * @param id without the runtime's name; empty as long as it does not run
     * @param image by a tag, as far as the runtime can say
     * @param imageId by its digest
     */
    record Container(String name, String id, String image, String imageId) {
        /** Both names of the image: entries are written with either. */
        Set<String> images() {
            return new LinkedHashSet<>(List.of(imageId, image));
        }
    }

    Pod {
        labels = Map.copyOf(labels);
        owners = List.copyOf(owners);
        containers = List.copyOf(containers);
        init = List.copyOf(init);
        ephemeral = List.copyOf(ephemeral);
    }

    /** From a pod of the Kubernetes API, version v1; what is missing there is empty here. */
    static Pod of(JsonObject pod) {
        var metadata = object(pod, "metadata");
        var spec = object(pod, "spec");
        var status = object(pod, "status");
        var labels = new TreeMap<String, String>();
        object(metadata, "labels").asMap().forEach((key, value) -> labels.put(key, value.getAsString()));
        return new Pod(
                text(metadata, "uid"),
                text(metadata, "name"),
                text(metadata, "namespace"),
                text(spec, "serviceAccountName"),
                text(spec, "nodeName"),
                labels,
                objects(metadata, "ownerReferences")
                        .map(owner -> new Owner(text(owner, "kind"), text(owner, "name"), text(owner, "uid")))
                        .toList(),
                containers(status, "containerStatuses"),
                containers(status, "initContainerStatuses"),
                containers(status, "ephemeralContainerStatuses"));
    }

    /** Native sidecars are among the init containers. */
    Optional<Container> container(String id) {
        return Stream.of(containers, init, ephemeral)
                .flatMap(List::stream)
                .filter(container -> container.id().equals(id))
                .findFirst();
    }

    /** The values of all selectors of the pod as a whole. */
    List<String> values() {
        var values = new ArrayList<>(List.of(
                "sa:" + serviceAccount,
                "ns:" + namespace,
                "node-name:" + node,
                "pod-uid:" + uid,
                "pod-name:" + name,
                "pod-image-count:" + containers.size(),
                "pod-init-image-count:" + init.size()));
        images(containers).forEach(image -> values.add("pod-image:" + image));
        images(init).forEach(image -> values.add("pod-init-image:" + image));
        labels.forEach((key, value) -> values.add("pod-label:" + key + ":" + value));
        for (var owner : owners) {
            values.add("pod-owner:" + owner.kind() + ":" + owner.name());
            values.add("pod-owner-uid:" + owner.kind() + ":" + owner.uid());
        }
        return values;
    }

    /** The values of the selectors of one of its containers. */
    static List<String> values(Container container) {
        return Stream.concat(
                        Stream.of("container-name:" + container.name()),
                        container.images().stream().map(image -> "container-image:" + image))
                .toList();
    }

    private static Set<String> images(List<Container> containers) {
        return containers.stream()
                .flatMap(container -> container.images().stream())
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    private static List<Container> containers(JsonObject status, String key) {
        return objects(status, key)
                .map(container -> new Container(
                        text(container, "name"),
                        text(container, "containerID").replaceFirst("^[^:]*://", ""),
                        text(container, "image"),
                        text(container, "imageID")))
                .toList();
    }

    private static JsonObject object(JsonObject of, String key) {
        return of.get(key) instanceof JsonObject found ? found : new JsonObject();
    }

    private static Stream<JsonObject> objects(JsonObject of, String key) {
        return of.get(key) instanceof JsonArray list
                ? list.asList().stream().filter(JsonObject.class::isInstance).map(JsonElement::getAsJsonObject)
                : Stream.of();
    }

    private static String text(JsonObject of, String key) {
        return of.get(key) instanceof JsonPrimitive found ? found.getAsString() : "";
    }
}
