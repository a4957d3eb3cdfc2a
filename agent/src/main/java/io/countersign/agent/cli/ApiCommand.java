// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.cli;

import picocli.CommandLine.Command;

@Command(
        name = "api",
        description = "Calls the Workload API",
        subcommands = {FetchCommand.class, WatchCommand.class, ApiCommand.Validate.class})
final class ApiCommand {
    @Command(
            name = "validate",
            description = "Validates tokens",
            subcommands = {ValidateJwtCommand.class})
    static final class Validate {}
}
