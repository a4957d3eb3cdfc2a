// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.cli;

import io.countersign.agentapi.logger.GetLoggerRequest;
import io.countersign.agentapi.logger.LoggerGrpc;
import io.countersign.agentapi.logger.LoggerGrpc.LoggerBlockingStub;
import io.countersign.agentapi.logger.ResetLogLevelRequest;
import io.countersign.agentapi.logger.SetLogLevelRequest;
import io.countersign.serverapi.types.LogLevel;
import io.countersign.serverapi.types.Logger;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "logger",
        description = "The agent's log level",
        subcommands = {LoggerCommand.Get.class, LoggerCommand.Set.class, LoggerCommand.Reset.class})
final class LoggerCommand {
    private static final long PATIENCE_SECONDS = 30;

    /** Asks, and prints the levels that come back. */
    private static int print(
            CommandSpec spec, AdminCall call, String words, Function<LoggerBlockingStub, Logger> question) {
        var logger = call.ask(
                words + ": ",
                channel -> question.apply(
                        LoggerGrpc.newBlockingStub(channel).withDeadlineAfter(PATIENCE_SECONDS, TimeUnit.SECONDS)));
        PrintWriter out = spec.commandLine().getOut();
        if (call.json()) {
            out.println(AdminCall.json(logger));
        } else {
            out.println("Logger Level : " + word(logger.getCurrentLevel()));
            out.println("Launch Level : " + word(logger.getLaunchLevel()));
            out.println();
        }
        return 0;
    }

    private static String word(LogLevel level) {
        return level == LogLevel.WARN ? "warning" : level.name().toLowerCase(Locale.ROOT);
    }

    @Command(name = "get", description = "Gets the logger details")
    static final class Get implements Callable<Integer> {
        @Spec
        CommandSpec spec = CommandSpec.create();

        @Mixin
        AdminCall call = new AdminCall();

        @Override
        public Integer call() {
            return print(
                    spec,
                    call,
                    "error fetching logger",
                    logger -> logger.getLogger(GetLoggerRequest.getDefaultInstance()));
        }
    }

    @Command(name = "set", description = "Sets the logger details")
    static final class Set implements Callable<Integer> {
        @Spec
        CommandSpec spec = CommandSpec.create();

        @Mixin
        AdminCall call = new AdminCall();

        @Option(names = "--level", description = "panic, fatal, error, warn, info, debug or trace")
        String level = "";

        @Override
        public Integer call() {
            if (level.isEmpty()) {
                throw AdminCall.wrong("a value (-level) must be set");
            }
            var request =
                    SetLogLevelRequest.newBuilder().setNewLevel(named(level)).build();
            return print(spec, call, "failed to set log level", logger -> logger.setLogLevel(request));
        }

        private static LogLevel named(String word) {
            return switch (word.toLowerCase(Locale.ROOT)) {
                case "panic" -> LogLevel.PANIC;
                case "fatal" -> LogLevel.FATAL;
                case "error" -> LogLevel.ERROR;
                case "warn", "warning" -> LogLevel.WARN;
                case "info" -> LogLevel.INFO;
                case "debug" -> LogLevel.DEBUG;
                case "trace" -> LogLevel.TRACE;
                default -> throw AdminCall.wrong("the value \"" + word + "\" is not a valid setting");
            };
        }
    }

    @Command(name = "reset", description = "Reset the logger details to launch level")
    static final class Reset implements Callable<Integer> {
        @Spec
        CommandSpec spec = CommandSpec.create();

        @Mixin
        AdminCall call = new AdminCall();

        @Override
        public Integer call() {
            return print(
                    spec,
                    call,
                    "failed to reset logger",
                    logger -> logger.resetLogLevel(ResetLogLevelRequest.getDefaultInstance()));
        }
    }
}
