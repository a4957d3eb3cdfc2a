// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.agent;

import io.countersign.it.differential.Answer;
import io.countersign.it.differential.Family;
import io.countersign.it.process.Await;
import io.countersign.it.process.Side;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The commands of both agents: what they print, write and end with. Run by root: the callers have users of their own. */
@Tag("foreign")
final class AgentCommandTest {
    private static final Duration PATIENCE = Duration.ofSeconds(40);
    private static final Pattern FLAG = Pattern.compile("\\s+-{1,2}([A-Za-z0-9-]+)\\b.*");
    private static final AtomicInteger number = new AtomicInteger();
    private static TwoAgents agents;
    private static Family family;
    private static String token = "";

    @BeforeAll
    static void start() throws Exception {
        family = Family.named("agent-command");
        agents = TwoAgents.start(true, Side.values());
        CommandUsers.register(agents);
        token = agents.server()
                .command("jwt", "mint", "-spiffeID", "spiffe://example.org/minted", "-audience", "a")
                .strip();
    }

    @AfterAll
    static void end() throws Exception {
        agents.close();
        family.conclude(cases().size(), "Agent: command line", "spire-agent 1.15.3");
    }

    static List<CommandCase> cases() {
        return CommandCases.all();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void both(CommandCase what) throws Exception {
        try (var sides = Executors.newVirtualThreadPerTaskExecutor()) {
            var ours = sides.submit(() -> answer(Side.OURS, what));
            var original = sides.submit(() -> answer(Side.ORIGINAL, what));
            family.compare(what.name(), ours.get(), original.get());
        }
    }

    private static Answer answer(Side side, CommandCase what) throws Exception {
        var folder = OpenFolder.below(agents.folder(), "command" + number.incrementAndGet());
        var output = OpenFolder.below(agents.folder(), "output" + number.incrementAndGet());
        var socket = agents.socket(what.agent().orElse(side)).toString();
        var admin = agents.adminSocket(what.agent().orElse(side)).toString();
        Files.writeString(folder.resolve("agent.conf"), what.conf().replace("@DIR@", folder.toString()));
        var words = what.words().stream()
                .map(word -> word.replace("@DIR@", folder.toString())
                        .replace("@SOCKET@", socket)
                        .replace("@ADMIN@", admin)
                        .replace("@TOKEN@", token))
                .toList();
        var command =
                new ArrayList<>(List.of("setpriv", "--reuid=" + what.uid(), "--regid=" + what.uid(), "--clear-groups"));
        command.addAll(side.command(Side.Part.AGENT, words));
        var out = output.resolve("out");
        var err = output.resolve("err");
        var process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start();
        try {
            if (what.until().isPresent()) {
                Await.until(
                        PATIENCE,
                        side + " does not say \"" + what.until().get() + "\"",
                        () -> !process.isAlive()
                                || (Files.readString(out) + Files.readString(err))
                                        .contains(what.until().get()));
                process.destroyForcibly();
            }
            if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                throw new AssertionError(side + " does not end: " + Files.readString(err));
            }
        } finally {
            process.destroyForcibly().waitFor();
        }
        var said = errors(normal(Files.readString(err).replace(admin, "ADMIN"), folder, socket));
        var answer = Answer.empty()
                .with("exit", process.exitValue())
                .with("stdout", normal(Files.readString(out).replace(admin, "ADMIN"), folder, socket))
                // what tries again says the same again, as often as there is time for it
                .with("stderr", what.until().isPresent() ? once(said) : said)
                .with("flags", flags(Files.readString(err)));
        return answer.with("files", written(folder));
    }

    private static String normal(String text, Path folder, String socket) {
        return text.replace(folder.toString(), "DIR")
                .replace(socket, "SOCKET")
                .replaceAll("after [0-9.]+(µs|ms|s)", "after TIME")
                .replaceAll("\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d \\+0000 UTC", "TIME")
                .replaceAll("\\b(time=\")?\\d{4}-\\d\\d-\\d\\dT[0-9:.]+Z\"?", "TIME")
                .replaceAll("(Uptime: +)[0-9hms]+", "$1DURATION")
                .replaceAll("(\"uptime\"): *\\d+", "$1:SECONDS")
                .replaceAll("(\"(expires_at|last_sync_success)\"): *\"\\d+\"", "$1:TIME")
                .replaceAll("join_token/[0-9a-f-]{36}", "join_token/TOKEN")
                .replaceAll("serialNumber=\\d+|SERIALNUMBER=\\d+", "SERIALNUMBER=NUMBER")
                .replaceAll("eyJ[\\w-]+\\.[\\w-]+\\.[\\w-]+", "TOKEN")
                .replaceAll("\"(kid|x|y)\": *\"[\\w-]+\"", "\"$1\":\"VALUE\"")
                .replaceAll("\"(exp|iat)\": *\\d{10}\\b", "\"$1\":TIME")
                // how JSON is laid out, the original's library changes from build to build
                .replaceAll("(?<=[{}\\[\\],:\"])\\s+(?=[{}\\[\\]\"])", "")
                .replaceAll("\"[A-Za-z0-9+/]{60,}={0,2}\"", "\"BASE64\"")
                .replaceAll("\\b(v?\\d+\\.\\d+\\.\\d+(-[\\w.-]+)?|dev-unk|dev)\\b", "VERSION");
    }

    /** What is said before the usage; what that explains is compared by its flags. */
    private static String errors(String text) {
        return text.replaceFirst("(?ms)^Usage.*", "").strip();
    }

    private static String once(String text) {
        return text.lines().distinct().collect(Collectors.joining("\n"));
    }

    private static String flags(String text) {
        var flags = new TreeSet<String>();
        for (var line : text.lines().toList()) {
            var flag = FLAG.matcher(line);
            if (flag.matches()) {
                flags.add(flag.group(1));
            }
        }
        return flags.toString();
    }

    private static Answer written(Path folder) throws IOException {
        var answer = Answer.empty();
        try (var all = Files.list(folder)) {
            for (var file : all.sorted().toList()) {
                if (!file.endsWith("agent.conf")) {
                    int mode = (int) Files.getAttribute(file, "unix:mode", LinkOption.NOFOLLOW_LINKS);
                    var types = Files.isRegularFile(file)
                            ? Files.readString(file)
                                    .lines()
                                    .filter(line -> line.startsWith("-----BEGIN"))
                                    .toList()
                            : List.of();
                    answer = answer.with(file.getFileName().toString(), "%o %s".formatted(mode & 0777, types));
                }
            }
        }
        return answer;
    }
}
