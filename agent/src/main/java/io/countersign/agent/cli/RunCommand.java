// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.cli;

import io.countersign.agent.Agent;
import io.countersign.launch.GarbageWatch;
import io.countersign.launch.Log;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(name = "run", description = "Runs the agent")
final class RunCommand implements Callable<Integer> {
    @Mixin
    ConfigFlags flags = new ConfigFlags();

    @Override
    public Integer call() throws Exception {
        var config = flags.read();
        Log.configure(config.log());
        GarbageWatch.start();
        new Agent(config).run();
        return 0;
    }
}
