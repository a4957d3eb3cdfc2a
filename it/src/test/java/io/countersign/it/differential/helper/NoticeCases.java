// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.helper;

import static io.countersign.it.differential.helper.FileCases.AGENT;
import static io.countersign.it.differential.helper.FileCases.BUNDLE;
import static io.countersign.it.differential.helper.FileCases.ONCE;
import static io.countersign.it.differential.helper.FileCases.WRITTEN;
import static io.countersign.it.differential.helper.FileCases.X509;
import static io.countersign.it.differential.helper.HelperCase.ENDS;
import static io.countersign.it.differential.helper.HelperCase.stoppedAfter;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.countersign.it.process.Await;
import io.countersign.it.process.Daemon;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Who is told of new files, and how. What a program that is told has seen is in the file {@code said}. */
final class NoticeCases {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final String SAID = "said";
    private static final String WAITING = """
            cmd = "/bin/sh"
            cmd_args = "-c \\"trap 'echo signalled >> @DIR@/said' HUP; echo $$ > @DIR@/in/child; echo started >> @DIR@/said; while :; do sleep 0.2; done\\""
            """;

    private NoticeCases() {}

    static List<HelperCase> all() {
        return List.of(
                HelperCase.of("command: its words", X509 + arguments("one two"), NoticeCases::untilSaid),
                HelperCase.of("command: empty words", X509 + arguments(" one  two "), NoticeCases::untilSaid),
                HelperCase.of(
                        "command: words in quotes",
                        X509
                                + arguments(
                                        "\\\"one two\\\" \\\"\\\" \\\"three \\\"\\\"four\\\"\\\"\\\" 'five six' \\\\\\\\"),
                        NoticeCases::untilSaid),
                HelperCase.of(
                        "command: not there",
                        X509 + "cmd = \"/no/such/program\"",
                        stoppedAfter("Unable to signal process")),
                HelperCase.of("command: ignored, once", X509 + ONCE + "cmd = \"true\"", ENDS),
                HelperCase.of("command: signal ignored, once", X509 + ONCE + "renew_signal = \"SIGHUP\"", ENDS),
                HelperCase.of(
                        "command: not for a jwt bundle",
                        AGENT + BUNDLE + arguments("one"),
                        stoppedAfter("JWT bundle updated")),
                HelperCase.of("command: signalled", X509 + WAITING + "renew_signal = \"SIGHUP\"", helper -> {
                            renewed(helper, "started", "signalled");
                            killChild(helper);
                        })
                        .as(Users.changed(0)),
                HelperCase.of("command: left alone without a signal", X509 + WAITING, helper -> {
                            renewed(helper, "started");
                            killChild(helper);
                        })
                        .as(Users.changed(1)),
                HelperCase.of(
                                "command: started again if it has ended",
                                X509 + "cmd = \"/bin/sh\"\ncmd_args = \"-c \\\"echo started >> @DIR@/said\\\"\"",
                                helper -> renewed(helper, "started", "started"))
                        .as(Users.changed(2)),
                HelperCase.of("pid file: signalled", X509 + pidFile("SIGHUP"), helper -> pidFile(helper, "%d\n"))
                        .as(Users.changed(3)),
                HelperCase.of("pid file: other signal", X509 + pidFile("SIGUSR1"), helper -> pidFile(helper, " %d "))
                        .as(Users.changed(4)),
                HelperCase.of(
                                "pid file: of PostgreSQL, with more lines",
                                X509 + pidFile("SIGHUP"),
                                helper -> pidFile(helper, "%d\n/var/lib\n5432\n"))
                        .as(Users.changed(5)));
    }

    private static String arguments(String words) {
        return """
                cmd = "/bin/sh"
                cmd_args = "-c \\"for w; do echo [$w] >> @DIR@/said.new; done; mv @DIR@/said.new @DIR@/said\\" sh %s"
                """.formatted(words);
    }

    private static String pidFile(String signal) {
        return "pid_file_name = \"@DIR@/in/pid\"\nrenew_signal = \"" + signal + "\"";
    }

    private static void untilSaid(HelperProcess helper) throws Exception {
        helper.awaitSaid(WRITTEN);
        Await.until(
                PATIENCE,
                "the command has not run",
                () -> Files.exists(helper.folder().resolve(SAID)));
        helper.stop();
    }

    private static void renewed(HelperProcess helper, String... said) throws Exception {
        helper.awaitSaid(WRITTEN);
        awaitSaid(helper, said[0]);
        Users.renew(helper.uid());
        helper.awaitSaid(2, WRITTEN);
        awaitSaid(helper, said);
        helper.stop();
    }

    private static void awaitSaid(HelperProcess helper, String... lines) {
        var file = helper.folder().resolve(SAID);
        Await.until(
                PATIENCE,
                "nobody says " + List.of(lines),
                () -> Files.readAllLines(file).equals(List.of(lines)));
    }

    /** The command outlives its helper. */
    private static void killChild(HelperProcess helper) throws IOException {
        long pid = Long.parseLong(
                Files.readString(helper.folder().resolve("in/child")).strip());
        helper.note(
                "command lives on",
                ProcessHandle.of(pid).map(ProcessHandle::destroyForcibly).isPresent());
    }

    /** A process that notes the signals it gets, and whose number the file has in this form. */
    private static void pidFile(HelperProcess helper, String form) throws Exception {
        var folder = helper.folder();
        var command = new ArrayList<>(Users.command(helper.uid()));
        command.addAll(List.of("/bin/sh", "-c", """
                for s in HUP USR1; do trap "echo $s >> said" $s; done
                echo started > in/started
                while :; do sleep 0.2; done
                """));
        try (var told = startIn(folder, command)) {
            Await.until(PATIENCE, "the shell does not start", () -> Files.exists(folder.resolve("in/started")));
            var fresh = Files.writeString(folder.resolve("in/pid.new"), form.formatted(told.pid()));
            Files.move(fresh, folder.resolve("in/pid"));
            helper.awaitSaid(WRITTEN);
            awaitSignal(folder);
            // while it tries a pid file again, the original does not listen to SIGTERM
            helper.kill();
        }
    }

    private static Daemon startIn(Path folder, List<String> command) throws IOException {
        var words = new ArrayList<>(List.of("env", "-C", folder.toString()));
        words.addAll(command);
        return Daemon.start(folder.resolve("in/told.log"), words, Map.of());
    }

    /** Whether one side does not signal is what is compared. */
    private static void awaitSignal(Path folder) {
        try {
            Await.until(Duration.ofSeconds(20), "no signal", () -> Files.size(folder.resolve(SAID)) > 0);
        } catch (AssertionError e) {
            assertFalse(Files.exists(folder.resolve(SAID)));
        }
    }
}
