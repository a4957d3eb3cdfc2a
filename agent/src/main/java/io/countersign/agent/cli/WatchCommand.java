// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.cli;

import io.countersign.spiffe.TrustDomain;
import io.countersign.workloadapi.Watcher;
import io.countersign.workloadapi.WorkloadApiClient;
import io.countersign.workloadapi.WorkloadApiException;
import io.countersign.workloadapi.X509Context;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(name = "watch", description = "Attaches to the Workload API and prints updates as they're received")
final class WatchCommand implements Callable<Integer> {
    @Spec
    CommandSpec spec = CommandSpec.create();

    @Mixin
    SocketFlag socket = new SocketFlag();

    @Override
    public Integer call() throws Exception {
        var ended = new CompletableFuture<WorkloadApiException>();
        try (var client = WorkloadApiClient.connect(socket.address());
                var watch = client.watchX509Context(printing(ended))) {
            ended.get();
            return 1;
        }
    }

    private Watcher<X509Context> printing(CompletableFuture<WorkloadApiException> ended) {
        var out = spec.commandLine().getOut();
        var err = spec.commandLine().getErr();
        return new Watcher<>() {
            private long last = System.nanoTime();

            @Override
            public void onUpdate(X509Context update) {
                long now = System.nanoTime();
                X509Report.print(out, update, Duration.ofNanos(now - last), TrustDomain::name);
                last = now;
            }

            @Override
            public void onError(WorkloadApiException error) {
                err.println(Failures.words(error));
                err.flush();
                if (error.isFinal()) {
                    ended.complete(error);
                }
            }
        };
    }
}
