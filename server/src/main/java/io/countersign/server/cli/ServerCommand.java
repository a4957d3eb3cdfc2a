// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.cli;

import io.countersign.launch.cli.GoFlags;
import io.countersign.server.Version;
import io.grpc.StatusRuntimeException;
import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;

/** The commands of the server, and the one place where a failure becomes words on standard error and an exit code. */
@Command(
        name = "server",
        description = "Identity server: issues identities to attested programs.",
        synopsisSubcommandLabel = "COMMAND",
        versionProvider = ServerCommand.Versions.class,
        subcommands = {
            RunCommand.class,
            ValidateCommand.class,
            HealthcheckCommand.class,
            EntryCommand.class,
            AgentCommand.class,
            TokenCommand.class,
            BundleCommand.class,
            FederationCommand.class,
            X509Command.class,
            JwtCommand.class,
            LocalAuthorityCommand.class,
            UpstreamAuthorityCommand.class,
            LoggerCommand.class,
            DebugCommand.class,
            DatastoreCommand.class,
            AuditCommand.class
        })
public final class ServerCommand {
    @CommandLine.Option(names = "--version", versionHelp = true, description = "Print the version.")
    boolean version;

    @CommandLine.Option(
            names = {"-h", "--help"},
            usageHelp = true,
            scope = CommandLine.ScopeType.INHERIT,
            description = "Print this.")
    boolean help;

    private static final int NO_COMMAND = 127;

    private ServerCommand() {}

    /** Runs the command that the words name. */
    public static int run(String... words) {
        return execute(new CommandLine(new ServerCommand()), words);
    }

    /** As {@link #run(String...)}, with the output going there. */
    static int run(PrintWriter out, PrintWriter err, String... words) {
        return execute(new CommandLine(new ServerCommand()).setOut(out).setErr(err), words);
    }

    private static int execute(CommandLine line, String... words) {
        // as with Go's flags, the last counts: scripts put their own behind what they are given
        line.setOverwrittenOptionsAllowed(true);
        line.setExecutionExceptionHandler((failure, command, parsed) -> {
            command.getErr().println("Error: " + words(failure));
            return 1;
        });
        line.setParameterExceptionHandler((wrong, given) -> {
            wrong.getCommandLine().getErr().println(FlagMistake.words(wrong));
            wrong.getCommandLine().usage(wrong.getCommandLine().getErr());
            // as with the original, by which scripts tell a command that is not there
            return wrong.getCommandLine().getParent() == null ? NO_COMMAND : 1;
        });
        return line.execute(GoFlags.normalize(words));
    }

    private static String words(Exception failure) {
        return failure instanceof StatusRuntimeException refused
                ? CallFailure.words(refused)
                : String.valueOf(failure.getMessage());
    }

    static final class Versions implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {Version.current()};
        }
    }
}
