// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.server;

import io.countersign.it.differential.Answer;
import io.countersign.it.differential.Family;
import io.countersign.it.process.Side;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every command that we have, and its flags: ours given to our server, SPIRE's to SPIRE's; and those of {@code crossed.cases}
 * also each to the server of the other.
 */
@Tag("foreign")
class ServerCommandTest {
    private static final List<Pair> PAIRS = new ArrayList<>();
    private static final List<AutoCloseable> RUNNING = new ArrayList<>();

    private static Family family;

    @TempDir
    static Path folder;

    /** What is compared under one name. */
    record Pair(String name, ApiCase wanted, Commands ours, Commands original) {
        @Override
        public String toString() {
            return name;
        }
    }

    @BeforeAll
    static void start() throws Exception {
        family = Family.named("server-command");
        var ours = commands(Side.OURS);
        var original = commands(Side.ORIGINAL);
        for (var file : List.of("commands", "authority-commands", "attestor-commands")) {
            for (var wanted : ApiCase.read(file + ".cases")) {
                PAIRS.add(new Pair(wanted.name(), wanted, ours, original));
            }
        }
        for (var wanted : ApiCase.read("crossed.cases")) {
            PAIRS.add(new Pair(
                    "our command, original server: " + wanted.name(),
                    wanted,
                    crossed(ours, original, "n1"),
                    crossed(original, original, "n2")));
            PAIRS.add(new Pair(
                    "original command, our server: " + wanted.name(),
                    wanted,
                    crossed(original, ours, "n3"),
                    crossed(original, original, "n4")));
        }
    }

    private static Commands commands(Side side) throws Exception {
        var server = RunningServer.start(side, folder.resolve(side.name()));
        RUNNING.addFirst(server);
        var callers = new Callers(server);
        RUNNING.addFirst(callers);
        return of(side, server, callers, "n0");
    }

    private static Commands crossed(Commands command, Commands given, String mark) throws Exception {
        return of(command.side(), given.server(), given.callers(), mark);
    }

    private static Commands of(Side side, RunningServer server, Callers callers, String mark) throws Exception {
        return new Commands(
                side, server, callers, Files.createDirectories(server.folder().resolve(mark)), mark);
    }

    @AfterAll
    static void stop() throws Exception {
        for (var one : RUNNING) {
            one.close();
        }
        family.conclude(PAIRS.size(), "The server's command line", "spire-server 1.15.3");
    }

    static List<Pair> pairs() {
        return PAIRS;
    }

    /** Both sides at once: a process each is what takes the time. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("pairs")
    void printsAsTheOriginal(Pair pair) throws Exception {
        List<Callable<Answer>> both = List.of(
                () -> pair.ours().hold(pair.wanted()), () -> pair.original().hold(pair.wanted()));
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var answers = threads.invokeAll(both);
            family.compare(
                    pair.name(), answers.getFirst().get(), answers.getLast().get());
        }
    }
}
