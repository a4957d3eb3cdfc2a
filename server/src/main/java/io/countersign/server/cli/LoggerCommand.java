// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.cli;

import io.countersign.serverapi.logger.GetLoggerRequest;
import io.countersign.serverapi.logger.LoggerGrpc;
import io.countersign.serverapi.logger.ResetLogLevelRequest;
import io.countersign.serverapi.logger.SetLogLevelRequest;
import io.countersign.serverapi.types.LogLevel;
import io.countersign.serverapi.types.Logger;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "logger",
        description = "The server's log level",
        subcommands = {LoggerCommand.Get.class, LoggerCommand.Set.class, LoggerCommand.Reset.class})
final class LoggerCommand {
    private static void print(PrintWriter out, ServerCall call, Logger logger) {
        if (call.json()) {
            out.println(ServerCall.json(logger));
        } else {
            out.println("Logger Level : " + word(logger.getCurrentLevel()));
            out.println("Launch Level : " + word(logger.getLaunchLevel()));
            out.println();
        }
    }

    private static String word(LogLevel level) {
        return level == LogLevel.WARN ? "warning" : level.name().toLowerCase(Locale.ROOT);
    }

    @Command(name = "get", description = "Gets the logger details")
    static final class Get implements Callable<Integer> {
        @Spec
        CommandSpec spec = CommandSpec.create();

        @Mixin
        ServerCall call = new ServerCall();

        @Override
        public Integer call() {
            var logger = call.ask(
                    "error fetching logger",
                    channel -> ServerCall.waiting(LoggerGrpc.newBlockingStub(channel))
                            .getLogger(GetLoggerRequest.getDefaultInstance()));
            print(spec.commandLine().getOut(), call, logger);
            return 0;
        }
    }

    @Command(name = "set", description = "Sets the logger details")
    static final class Set implements Callable<Integer> {
        @Spec
        CommandSpec spec = CommandSpec.create();

        @Mixin
        ServerCall call = new ServerCall();

        @Option(names = "--level", description = "panic, fatal, error, warn, info, debug or trace")
        String level = "";

        @Override
        public Integer call() {
            if (level.isEmpty()) {
                throw new IllegalArgumentException("a value (-level) must be set");
            }
            var request =
                    SetLogLevelRequest.newBuilder().setNewLevel(named(level)).build();
            var logger = call.ask(
                    "failed to set log level",
                    channel -> ServerCall.waiting(LoggerGrpc.newBlockingStub(channel))
                            .setLogLevel(request));
            print(spec.commandLine().getOut(), call, logger);
            return 0;
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
                default -> throw new IllegalArgumentException("the value \"" + word + "\" is not a valid setting");
            };
        }
    }

    @Command(name = "reset", description = "Reset the logger details to launch level")
    static final class Reset implements Callable<Integer> {
        @Spec
        CommandSpec spec = CommandSpec.create();

        @Mixin
        ServerCall call = new ServerCall();

        @Override
        public Integer call() {
            var logger = call.ask(
                    "failed to reset logger",
                    channel -> ServerCall.waiting(LoggerGrpc.newBlockingStub(channel))
                            .resetLogLevel(ResetLogLevelRequest.getDefaultInstance()));
            print(spec.commandLine().getOut(), call, logger);
            return 0;
        }
    }
}
