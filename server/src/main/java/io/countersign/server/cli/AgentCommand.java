// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.cli;

import picocli.CommandLine.Command;

@Command(
        name = "agent",
        description = "Attested agents",
        subcommands = {
            AgentListCommand.class,
            AgentCountCommand.class,
            AgentShowCommand.class,
            AgentBanCommand.class,
            AgentEvictCommand.class,
            AgentPurgeCommand.class
        })
final class AgentCommand {}
