// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.sidecar;

import io.countersign.it.differential.Answer;
import io.countersign.it.process.Await;
import java.io.IOException;
import java.net.ConnectException;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** Sidecars that are told to stop, or to send their clients away; each case has its own. */
// where lines end is what HTTP is about
@SuppressWarnings("StringConcatToTextBlock")
final class StopCases {
    private static final String HOST = " HTTP/1.1\nhost: app.test\n\n";
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    /** Longer than a case takes, so that no port is closed meanwhile. */
    private static final String[] LONG_DRAIN = {"--drain-time-s", "60"};

    private final Ground ground;
    private final Map<String, String> values;
    private final String template;

    private StopCases(Ground ground, Map<String, String> values) throws IOException {
        this.ground = ground;
        this.values = values;
        this.template = SidecarDifferentialTest.resource("stop.yaml");
    }

    static List<Case> all(Ground ground, Operated operated) throws IOException {
        var cases = new StopCases(ground, operated.values());
        return List.of(
                Case.of("stop: an answer is under way", cases::stopped),
                Case.of("stop: by the admin listener", cases::quit),
                Case.of("stop: listeners are left slowly", which -> cases.left(which, "graceful")),
                Case.of("stop: listeners are left and stay open", which -> cases.left(which, "graceful&skip_exit")),
                Case.of("stop: inbound listeners are left", cases::inbound),
                Case.of("stop: not healthy, and healthy again", cases::unhealthy));
    }

    private Running start(Running which) throws Exception {
        return Running.start(which.side(), ground.folder, template, values, LONG_DRAIN);
    }

    private Answer stopped(Running which) throws Exception {
        try (var sidecar = start(which);
                var client = Client.plain(sidecar.port("in"))) {
            client.send("GET /slow" + HOST);
            Admin.awaitActive(sidecar, "slow");
            sidecar.stop();
            return client.answer(false).with("exit", sidecar.exitCode());
        }
    }

    private Answer quit(Running which) throws Exception {
        try (var sidecar = start(which);
                var _ = Client.plain(sidecar.port("in"))) {
            return Admin.post(sidecar, "/quitquitquit").with("exit", sidecar.exitCode());
        }
    }

    private Answer left(Running which, String how) throws Exception {
        try (var sidecar = start(which);
                var open = Client.plain(sidecar.port("in"))) {
            return Answer.empty()
                    .with("before", next(open))
                    .with("told", Admin.post(sidecar, "/drain_listeners?" + how))
                    .with("open", next(open))
                    .with("new", fresh(sidecar, "in"));
        }
    }

    private Answer inbound(Running which) throws Exception {
        try (var sidecar = start(which);
                var out = Client.plain(sidecar.port("out"))) {
            var answer = Answer.empty()
                    .with("before", next(out))
                    .with("told", Admin.post(sidecar, "/drain_listeners?inboundonly"));
            Await.until(PATIENCE, "the inbound port stays open", () -> isRefused(sidecar.port("in")));
            return answer.with("open", next(out)).with("new", fresh(sidecar, "out"));
        }
    }

    private Answer unhealthy(Running which) throws Exception {
        try (var sidecar = start(which);
                var open = Client.plain(sidecar.port("in"))) {
            return Answer.empty()
                    .with("before", next(open))
                    .with("failed", Admin.post(sidecar, "/healthcheck/fail"))
                    .with("open", next(open))
                    .with("new", fresh(sidecar, "in"))
                    .with("mended", Admin.post(sidecar, "/healthcheck/ok"))
                    .with("new again", fresh(sidecar, "in"));
        }
    }

    /** The answer on a new connection, and whether that is kept; how soon one is closed that is not is each side's own. */
    private static Answer fresh(Running sidecar, String listener) throws IOException {
        try (var client = Client.plain(sidecar.port(listener))) {
            var answer = next(client);
            return answer.fields().containsKey("header.connection") ? answer : answer.with("then", client.afterwards());
        }
    }

    private static Answer next(Client client) throws IOException {
        client.send("GET /" + HOST);
        return client.answer(false);
    }

    private static boolean isRefused(int port) throws IOException {
        try (var _ = Client.plain(port)) {
            return false;
        } catch (ConnectException e) {
            return true;
        }
    }
}
