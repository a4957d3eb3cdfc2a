// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.server;

import io.countersign.it.differential.Family;
import io.countersign.it.differential.agent.TestAuthority;
import io.countersign.it.process.Await;
import io.countersign.it.process.Side;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every method that we serve, asked of our server and of SPIRE's; the cases are the files {@code *.cases}. */
@Tag("foreign")
class ServerApiTest {
    private static final List<Asked> ASKED = new ArrayList<>();
    private static final List<AutoCloseable> RUNNING = new ArrayList<>();

    private static Family family;
    private static Callers ours;
    private static Callers original;

    /** A case, and who asks on each side. */
    record Asked(ApiCase wanted, Callers ours, Callers original) {
        @Override
        public String toString() {
            return wanted.name();
        }
    }

    @TempDir
    static Path folder;

    @BeforeAll
    static void start() throws Exception {
        family = Family.named("server-api");
        ours = callers(Side.OURS);
        original = callers(Side.ORIGINAL);
        for (var before : ApiCase.read("before.cases")) {
            Conversation.hold(before, ours);
            Conversation.hold(before, original);
        }
        // SPIRE reads entries every five seconds
        var known = ApiCase.read("known.cases").getFirst();
        var size = "1.answer.entries.size";
        var all = Conversation.hold(known, ours).fields().get(size);
        Await.until(
                Duration.ofSeconds(30),
                "the original does not know all " + all + " entries",
                () -> Objects.equals(Conversation.hold(known, original).fields().get(size), all));
    }

    private static Callers callers(Side side) throws Exception {
        return callers(RunningServer.start(side, folder.resolve(side.name())));
    }

    private static Callers callers(RunningServer server) throws Exception {
        RUNNING.addFirst(server);
        var callers = new Callers(server);
        RUNNING.addFirst(callers);
        return callers;
    }

    /** Both below one authority in files. */
    private static Callers below(Side side, String plugin) throws Exception {
        return callers(RunningServer.start(side, folder.resolve("below-" + side.name()), plugin));
    }

    @AfterAll
    static void stop() throws Exception {
        for (var one : RUNNING) {
            one.close();
        }
        family.conclude(ASKED.size(), "The server's API", "spire-server 1.15.3");
    }

    static List<Asked> asked() throws Exception {
        for (var file : List.of(
                "entry",
                "lists",
                "agent",
                "node-attestors",
                "svid",
                "operation",
                "bundle",
                "federated",
                "trustdomain",
                "authority")) {
            for (var wanted : ApiCase.read(file + ".cases")) {
                ASKED.add(new Asked(wanted, ours, original));
            }
        }
        var root = TestAuthority.create(folder, RunningServer.TRUST_DOMAIN, "-1d", 30);
        var plugin = """
                UpstreamAuthority "disk" {
                    plugin_data { cert_file_path = "%s"  key_file_path = "%s" }
                }
                """.formatted(
                        Files.writeString(folder.resolve("root.pem"), root.certificate()),
                        Files.writeString(folder.resolve("root.key"), root.key()));
        var oursBelow = below(Side.OURS, plugin);
        var originalBelow = below(Side.ORIGINAL, plugin);
        for (var wanted : ApiCase.read("upstream.cases")) {
            ASKED.add(new Asked(wanted, oursBelow, originalBelow));
        }
        return ASKED;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("asked")
    void answersAsTheOriginal(Asked asked) throws Exception {
        family.compare(
                asked.wanted().name(),
                Conversation.hold(asked.wanted(), asked.ours()),
                Conversation.hold(asked.wanted(), asked.original()));
    }
}
