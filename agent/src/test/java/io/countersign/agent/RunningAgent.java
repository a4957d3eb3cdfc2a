// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent;

import io.countersign.agent.config.AgentConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** An agent in this process, which ends with the test. */
final class RunningAgent implements AutoCloseable {
    private final Agent agent;
    private final CompletableFuture<Boolean> ended = new CompletableFuture<>();

    private RunningAgent(AgentConfig config) {
        agent = new Agent(config);
        Thread.ofVirtual().start(() -> {
            try {
                agent.run();
                ended.complete(true);
            } catch (Exception e) {
                ended.completeExceptionally(e);
            }
        });
    }

    /** Returns when the socket is there. */
    static RunningAgent start(AgentConfig config, Path socket) {
        var running = new RunningAgent(config);
        Eventually.holds("the socket", () -> running.ended.isDone() || Files.exists(socket));
        return running;
    }

    /** May be called again. */
    @Override
    public void close() throws Exception {
        agent.stop();
        ended.get(20, TimeUnit.SECONDS);
    }
}
