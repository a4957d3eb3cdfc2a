// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.cli;

import io.countersign.launch.config.ConfigException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(name = "validate", description = "Validates an agent configuration file")
final class ValidateCommand implements Callable<Integer> {
    @Spec
    CommandSpec spec = CommandSpec.create();

    @Mixin
    ConfigFlags flags = new ConfigFlags();

    @Override
    public Integer call() {
        try {
            flags.read();
        } catch (ConfigException e) {
            spec.commandLine().getErr().println("SPIRE agent configuration file is invalid: " + e.getMessage());
            return 1;
        }
        spec.commandLine().getOut().println("SPIRE agent configuration file is valid.");
        return 0;
    }
}
