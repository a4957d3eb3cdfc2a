// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.cli;

import io.countersign.launch.config.GoDuration;
import io.countersign.workloadapi.WorkloadApiClient;
import java.time.Duration;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What every call of the Workload API takes: whom to ask, how long to wait, how to print. */
final class CallOptions {
    @Mixin
    SocketFlag socket = new SocketFlag();

    @Option(
            names = "--timeout",
            paramLabel = "DURATION",
            converter = Durations.class,
            description = "Time to wait for a response (5s)")
    Duration timeout = Duration.ofSeconds(5);

    @Option(names = "--output", paramLabel = "FORMAT", description = "pretty or json (pretty)")
    String output = "pretty";

    WorkloadApiClient connect() {
        return WorkloadApiClient.connect(socket.address(), timeout);
    }

    /** Whether JSON is wanted. */
    boolean json() {
        return switch (output) {
            case "json" -> true;
            case "pretty" -> false;
            default -> throw new IllegalArgumentException("-output is \"" + output + "\"; expected pretty or json");
        };
    }

    private static final class Durations implements ITypeConverter<Duration> {
        @Override
        public Duration convert(String text) {
            return GoDuration.parse(text);
        }
    }
}
