// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.metrics;

import io.countersign.launch.metrics.CallNumbers;
import io.countersign.launch.metrics.Counter;
import io.countersign.launch.metrics.MethodNames;
import io.countersign.launch.metrics.Metrics;
import io.countersign.launch.metrics.Metrics.Labels;
import io.countersign.rpc.CodeNames;
import io.countersign.rpc.WatchedCalls.Watcher;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.Status.Code;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/** Counts the calls of both sockets: how they end, how long they take, and how many are open. Thread-safe. */
public final class ApiMetrics implements Watcher {
    private static final String WORKLOAD = "SpiffeWorkloadAPI";
    private static final String SDS = "envoy.service.secret.v3.SecretDiscoveryService";
    private static final String DELEGATED = "spire.api.agent.delegatedidentity.v1.DelegatedIdentity";
    private static final String DEBUG = "spire.agent.debug.v1.Debug";
    private static final String LOGGER = "spire.api.agent.logger.v1.Logger";

    /** As the original's names have it; one method has a name of its own there, as it would come out odd. */
    private static final Map<String, String> SHORTER = Map.of(
            WORKLOAD,
            "WorkloadAPI",
            SDS,
            "SDS.v3",
            DELEGATED,
            "DelegatedIdentity",
            DELEGATED + "/SubscribeToX509SVIDs",
            "DelegatedIdentity/subscribe_to_x509_svids",
            DEBUG,
            "Debug",
            LOGGER,
            "Logger",
            "grpc.health.v1.Health",
            "Health");

    private static final Map<String, String> SERVICES = Map.of(
            WORKLOAD, "workload_api",
            SDS, "sds_api",
            DELEGATED, "delegated_identity_api",
            DEBUG, "debug_api",
            LOGGER, "logger_api");

    private record Connections(Counter total, AtomicLong open) {}

    private final CallNumbers calls;
    private final Map<String, Connections> connections = new HashMap<>();

    public ApiMetrics(Metrics metrics) {
        this.calls = new CallNumbers(
                metrics,
                Code.values().length,
                code -> CodeNames.of(Status.fromCodeValue(code).getCode()),
                ApiMetrics::name);
        SERVICES.forEach((service, name) -> {
            var open = new AtomicLong();
            metrics.gauge(name + "_connections", Labels.NONE, open::get);
            connections.put(service, new Connections(metrics.counter(name + "_connection", Labels.NONE), open));
        });
    }

    static String name(String method) {
        return MethodNames.of(method, SHORTER);
    }

    private Optional<Connections> connections(String method) {
        return Optional.ofNullable(connections.get(MethodDescriptor.extractFullServiceName(method)));
    }

    @Override
    public void began(String method) {
        connections(method).ifPresent(service -> {
            service.total().add(1);
            service.open().incrementAndGet();
        });
    }

    @Override
    public void ended(String method, Code code, long nanos) {
        connections(method).ifPresent(service -> service.open().decrementAndGet());
        calls.ended(method, code.value(), nanos);
    }
}
