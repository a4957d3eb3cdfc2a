// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.server;

import io.countersign.it.differential.Family;
import io.countersign.it.process.Await;
import io.countersign.it.process.Side;
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
    private static final List<ApiCase> CASES = new ArrayList<>();
    private static final List<AutoCloseable> RUNNING = new ArrayList<>();

    private static Family family;
    private static Callers ours;
    private static Callers original;

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
        var server = RunningServer.start(side, folder.resolve(side.name()));
        RUNNING.addFirst(server);
        var callers = new Callers(server);
        RUNNING.addFirst(callers);
        return callers;
    }

    @AfterAll
    static void stop() throws Exception {
        for (var one : RUNNING) {
            one.close();
        }
        family.conclude(CASES.size(), "The server's API", "spire-server 1.15.3");
    }

    static List<ApiCase> cases() throws Exception {
        for (var file : List.of("entry", "lists", "agent", "svid", "operation", "bundle", "federated", "trustdomain")) {
            CASES.addAll(ApiCase.read(file + ".cases"));
        }
        return CASES;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void answersAsTheOriginal(ApiCase wanted) throws Exception {
        family.compare(wanted.name(), Conversation.hold(wanted, ours), Conversation.hold(wanted, original));
    }
}
