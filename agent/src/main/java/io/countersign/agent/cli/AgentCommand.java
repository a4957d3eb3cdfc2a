// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.cli;

import io.countersign.agent.Version;
import io.countersign.launch.cli.GoFlags;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;

/** The commands of the agent, and the one place where a failure becomes words on standard error and an exit code. */
@Command(
        name = "agent",
        description = "Node agent: proves who is calling and hands out identities.",
        synopsisSubcommandLabel = "COMMAND",
        versionProvider = AgentCommand.Versions.class,
        subcommands = {
            RunCommand.class,
            ValidateCommand.class,
            HealthcheckCommand.class,
            ApiCommand.class,
            DebugCommand.class,
            LoggerCommand.class,
            AuditCommand.class,
            ExplainCommand.class
        })
public final class AgentCommand {
    @CommandLine.Option(names = "--version", versionHelp = true, description = "Print the version.")
    boolean version;

    @CommandLine.Option(
            names = {"-h", "--help"},
            usageHelp = true,
            scope = CommandLine.ScopeType.INHERIT,
            description = "Print this.")
    boolean help;

    /** As a shell says it. */
    private static final int UNKNOWN_COMMAND = 127;

    private AgentCommand() {}

    /** Runs the command that the words name. */
    public static int run(String... words) {
        var line = new CommandLine(new AgentCommand());
        // as with Go's flags, the last counts: scripts put their own behind what they are given
        line.setOverwrittenOptionsAllowed(true);
        line.setExecutionExceptionHandler((failure, command, parsed) -> {
            command.getErr().println(Failures.words(failure));
            return 1;
        });
        line.setParameterExceptionHandler((wrong, given) -> {
            wrong.getCommandLine().getErr().println(Failures.words(wrong));
            wrong.getCommandLine().usage(wrong.getCommandLine().getErr());
            boolean noCommand = wrong.getCommandLine().equals(line);
            return noCommand ? UNKNOWN_COMMAND : 1;
        });
        return line.execute(GoFlags.normalize(words));
    }

    static final class Versions implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {Version.current()};
        }
    }
}
