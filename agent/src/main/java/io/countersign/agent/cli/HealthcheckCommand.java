// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.cli;

import io.countersign.rpc.RpcChannels;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(name = "healthcheck", description = "Determines agent health status")
final class HealthcheckCommand implements Callable<Integer> {
    @Spec
    CommandSpec spec = CommandSpec.create();

    @Mixin
    SocketFlag socket = new SocketFlag();

    @Option(names = "--shallow", description = "Perform a less stringent health check")
    boolean shallow;

    @Option(names = "--verbose", description = "Print verbose information")
    boolean verbose;

    @Override
    public Integer call() {
        var out = spec.commandLine().getOut();
        if (verbose) {
            out.println("Checking agent health...");
        }
        var channel = RpcChannels.unix(socket.path());
        try {
            var status = HealthGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(5, TimeUnit.SECONDS)
                    .check(HealthCheckRequest.getDefaultInstance())
                    .getStatus();
            if (status == ServingStatus.SERVING) {
                out.println("Agent is healthy.");
                return 0;
            }
            return unhealthy("agent returned status \"" + status + "\"");
        } catch (StatusRuntimeException e) {
            if (verbose) {
                spec.commandLine().getErr().println("Failed to check health: " + Failures.words(e));
            }
            return unhealthy("unable to determine health");
        } finally {
            channel.shutdownNow();
        }
    }

    private int unhealthy(String why) {
        spec.commandLine().getErr().println("Agent is unhealthy: " + why);
        return 1;
    }
}
