// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.sidecar;

import io.countersign.it.differential.Answer;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthGrpc;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Where lines of access logs go, which there are, and what they say of rules, of calls and of clients that leave. */
// where lines end is what HTTP is about
@SuppressWarnings("StringConcatToTextBlock")
final class LogCases {
    private static final String HOST = " HTTP/1.1\nhost: app.test\n";
    private static final String POSTED = "POST /direct" + HOST + "content-length: 0\n\n";
    private static final String GOT = "GET /direct" + HOST + "\n";
    private static final long SECONDS = 20;

    private LogCases() {}

    static List<Case> all(Operated operated) {
        return List.of(
                operated.asked("logs: standard output and standard error", LogCases::said),
                operated.asked("logs: requests that take long", LogCases::timed),
                operated.asked("logs: values that are missing are left out", HttpCase.plain("", "lean", GOT)),
                operated.asked("logs: page of the admin listener", LogCases::administered),
                operated.asked("logs: client that leaves before the answer", LogCases::left),
                operated.asked("logs: trailers and status of a call that fails", sidecar -> called(sidecar, "fail")),
                operated.asked("logs: status of a call without trailers", sidecar -> called(sidecar, "refuse")),
                operated.asked("logs: a call that goes well", sidecar -> called(sidecar, "")),
                operated.asked("rules that only log", HttpCase.plain("", "noted", GOT, POSTED)),
                operated.asked("rules with prefixes of their counters", HttpCase.plain("", "prefixed", GOT, POSTED)));
    }

    private static Answer said(Running sidecar) throws IOException {
        return answered(sidecar, "logged", "GET /direct" + HOST + "x-said: yes\n\n")
                .with("out", sidecar.said("said-out "))
                .with("err", sidecar.said("said-err "));
    }

    private static Answer answered(Running sidecar, String listener, String request) throws IOException {
        try (var client = Client.plain(sidecar.port(listener))) {
            client.send(request);
            return client.answer(false);
        }
    }

    /** Two of four take long: each log has lines of its own kind only. */
    private static Answer timed(Running sidecar) throws IOException {
        for (var path : List.of("/direct/1", "/slow/2", "/direct/3", "/slow/4")) {
            answered(sidecar, "timed", "GET " + path + HOST + "\n");
        }
        return Answer.empty()
                .with("long 1", sidecar.nextLine("timed-long"))
                .with("long 2", sidecar.nextLine("timed-long"))
                .with("short 1", sidecar.nextLine("timed-short"))
                .with("short 2", sidecar.nextLine("timed-short"));
    }

    private static Answer administered(Running sidecar) throws IOException {
        return Admin.asked(sidecar, "GET /stats?filter=server.live", "x-noted: yes\n", text -> text)
                .with("denied", Admin.asked(sidecar, "GET /quitquitquit", "x-noted: yes\n", text -> text))
                .with("log 1", sidecar.nextLine("admin"))
                .with("log 2", sidecar.nextLine("admin"));
    }

    private static Answer left(Running sidecar) throws IOException {
        try (var client = Client.plain(sidecar.port("logged"))) {
            client.send("GET /hang" + HOST + "x-do: hang\n\n");
            Admin.awaitActive(sidecar, "upstream");
        }
        return HttpCase.withLine(Answer.empty(), "log", sidecar.nextLine("logged"));
    }

    /** @param what the program is to do */
    private static Answer called(Running sidecar, String what) {
        var channel = Grpc.newChannelBuilderForAddress(
                        "127.0.0.1", sidecar.port("called"), InsecureChannelCredentials.create())
                .build();
        try {
            var stub = HealthGrpc.newBlockingStub(channel).withDeadlineAfter(SECONDS, TimeUnit.SECONDS);
            var request = HealthCheckRequest.newBuilder().setService(what).build();
            var status = stub.check(request).getStatus();
            return Answer.empty().with("message", status).with("log", sidecar.nextLine("called"));
        } catch (StatusRuntimeException e) {
            return Answer.empty().with("status", e.getStatus().getCode()).with("log", sidecar.nextLine("called"));
        } finally {
            channel.shutdownNow();
        }
    }
}
