// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.attest.container;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.countersign.agent.attest.Assurance;
import io.countersign.agent.attest.WorkloadAttestor;
import io.countersign.agent.config.DockerConfig;
import io.countersign.agent.entry.Selector;
import io.countersign.rpc.Peer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The {@code docker} attestor, for containers of Docker and of Podman: labels, environment and image, as the engine says.
 * The caller must be in the control group of the container's first process, so that a group that merely has the name of a
 * container is no way into its identity.
 */
public final class DockerAttestor implements WorkloadAttestor {
    public static final String NAME = "docker";

    private static final Logger log = LoggerFactory.getLogger(DockerAttestor.class);
    private static final Pattern PODMAN = Pattern.compile("libpod-|/libpod/");
    private static final Pattern USER = Pattern.compile("/user-(\\d+)\\.slice/");
    private static final int RETRIES = 3;
    private static final long FIRST_PAUSE_MILLIS = 100;

    private final DockerConfig config;
    private final Path proc;

    /** @param proc the folder {@code /proc} */
    public DockerAttestor(DockerConfig config, Path proc) {
        this.config = config;
        this.proc = proc;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Map<Selector, Assurance> attest(Peer.LocalProcess process) throws IOException, InterruptedException {
        var groups = ControlGroups.of(proc, process.pid());
        if (config.verboseLogs()) {
            log.debug("pid {} is in the control groups {}", process.pid(), groups.paths());
        }
        var location = locate(groups);
        if (location.isEmpty()) {
            return Map.of();
        }
        var here = location.get();
        var engine = engine(here);
        var container = inspect(engine, here.container());
        requireSameGroup(here, container);
        var assurance = here.isUsers() ? Assurance.CLAIMED : Assurance.VOUCHED;
        var found = new HashMap<Selector, Assurance>();
        values(container, engine).forEach(value -> found.put(new Selector(NAME, value), assurance));
        return found;
    }

    private Optional<Location> locate(ControlGroups groups) throws IOException {
        return config.patterns().isEmpty()
                ? Location.of(groups)
                : Location.of(groups, config.patterns().get());
    }

    private EngineSocket engine(Location here) throws IOException {
        var user = USER.matcher(here.group());
        boolean podman = PODMAN.matcher(here.group()).find();
        if (!user.find()) {
            return podman
                    ? new EngineSocket(config.podmanSocket(), "")
                    : new EngineSocket(config.dockerSocket(), config.apiVersion());
        }
        if (podman && config.rootlessPodman()) {
            return new EngineSocket(config.podmanSocketOf(user.group(1)), "");
        }
        throw new IOException(
                "the control group " + here.group() + " is one that user " + user.group(1)
                        + " may name as they like; of rootless engines only podman's are asked, with use_rootless_podman = true");
    }

    private static JsonObject inspect(EngineSocket engine, String container) throws IOException, InterruptedException {
        for (int attempt = 0; ; attempt++) {
            try {
                return engine.get("/containers/" + container + "/json");
            } catch (IOException e) {
                if (attempt == RETRIES || Thread.currentThread().isInterrupted()) {
                    throw e;
                }
                Thread.sleep(FIRST_PAUSE_MILLIS << attempt);
            }
        }
    }

    private void requireSameGroup(Location here, JsonObject container) throws IOException {
        int first = object(container, "State")
                .map(state -> state.get("Pid"))
                .filter(JsonElement::isJsonPrimitive)
                .map(JsonElement::getAsInt)
                .orElse(0);
        var theirs = first == 0 ? Optional.<Location>empty() : locate(ControlGroups.of(proc, first));
        if (!theirs.map(Location::group).equals(Optional.of(here.group()))) {
            throw new IOException(
                    "the control group " + here.group() + " has the name of a container whose first process, " + first
                            + ", is in " + theirs.map(Location::group).orElse("none"));
        }
    }

    private static Set<String> values(JsonObject container, EngineSocket engine) {
        var values = new LinkedHashSet<String>();
        var config = object(container, "Config").orElseGet(JsonObject::new);
        object(config, "Labels")
                .ifPresent(labels -> labels.asMap()
                        .forEach((label, value) -> values.add("label:" + label + ":" + value.getAsString())));
        if (config.get("Env") instanceof JsonArray environment) {
            environment.forEach(variable -> values.add("env:" + variable.getAsString()));
        }
        text(config, "Image").ifPresent(image -> {
            values.add("image_id:" + image);
            digest(engine, image).ifPresent(digest -> values.add("image_config_digest:" + digest));
        });
        return values;
    }

    /** Nothing if the image is gone, which is no fault of the container's. */
    private static Optional<String> digest(EngineSocket engine, String image) {
        try {
            return text(engine.get("/images/" + image + "/json"), "Id");
        } catch (IOException e) {
            log.debug("no digest of {}: {}", image, e.getMessage());
            return Optional.empty();
        }
    }

    private static Optional<JsonObject> object(JsonObject of, String key) {
        return of.get(key) instanceof JsonObject found ? Optional.of(found) : Optional.empty();
    }

    private static Optional<String> text(JsonObject of, String key) {
        return Optional.ofNullable(of.get(key))
                .filter(JsonElement::isJsonPrimitive)
                .map(JsonElement::getAsString)
                .filter(found -> !found.isEmpty());
    }
}
