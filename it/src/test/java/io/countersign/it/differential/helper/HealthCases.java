// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.helper;

import static io.countersign.it.differential.helper.FileCases.AGENT;
import static io.countersign.it.differential.helper.FileCases.BUNDLE;
import static io.countersign.it.differential.helper.FileCases.TOKEN;
import static io.countersign.it.differential.helper.FileCases.WRITTEN;
import static io.countersign.it.differential.helper.FileCases.X509;
import static io.countersign.it.differential.helper.HelperCase.stoppedAfter;

import io.countersign.it.process.Await;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** What probes are told. */
final class HealthCases {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final HttpClient http = HttpClient.newHttpClient();
    private static Optional<ServerSocket> taken = Optional.empty();

    private HealthCases() {}

    /** On all addresses, as the helpers listen. */
    static void takePort() throws IOException {
        taken = Optional.of(new ServerSocket(0));
    }

    static void releasePort() throws IOException {
        if (taken.isPresent()) {
            taken.get().close();
        }
    }

    static List<HelperCase> all() {
        return List.of(
                HelperCase.of("health: all written", X509 + BUNDLE + TOKEN + listener(""), helper -> {
                    helper.awaitSaid(WRITTEN, "JWT bundle updated", "JWT SVID updated");
                    probe(helper, "GET", "/ready", 200);
                    probe(helper, "GET", "/live", 200);
                    probe(helper, "POST", "/live", 200);
                    probe(helper, "GET", "/other", 404);
                    helper.stop();
                }),
                HelperCase.of(
                        "health: own paths",
                        AGENT + BUNDLE + listener("liveness_path = \"/l\"\nreadiness_path = \"/r\""),
                        helper -> {
                            helper.awaitSaid("JWT bundle updated");
                            probe(helper, "GET", "/r", 200);
                            probe(helper, "GET", "/l", 200);
                            probe(helper, "GET", "/live", 404);
                            helper.stop();
                        }),
                HelperCase.of("health: nobody", X509 + listener(""), helper -> {
                            helper.awaitSaid("Error while watching x509 context");
                            probe(helper, "GET", "/ready", 503);
                            probe(helper, "GET", "/live", 200);
                            helper.stop();
                        })
                        .as(Users.NOBODY),
                HelperCase.of("health: cannot write", X509 + listener("") + "cert_dir = \"@DIR@/none\"", helper -> {
                    helper.awaitSaid("Unable to dump bundle");
                    probe(helper, "GET", "/ready", 503);
                    probe(helper, "GET", "/live", 503);
                    helper.stop();
                }),
                HelperCase.of("health: not asked for", X509 + "health_checks { bind_port = @PORT@ }", helper -> {
                    helper.awaitSaid(WRITTEN);
                    helper.note("listens", listens(helper));
                    helper.stop();
                }),
                HelperCase.of("health: port in use", X509 + """
                        health_checks = {
                          listener_enabled = true
                          bind_port = @TAKEN@
                        }
                        """, stoppedAfter(WRITTEN, "Error serving health checks")));
    }

    static int takenPort() {
        return taken.map(ServerSocket::getLocalPort).orElseThrow();
    }

    private static String listener(String more) {
        return "health_checks {\nlistener_enabled = true\nbind_port = @PORT@\n" + more + "\n}\n";
    }

    private static boolean listens(HelperProcess helper) {
        try {
            ask(helper, "GET", "/live");
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** Notes the answer, once it has this status. */
    private static void probe(HelperProcess helper, String method, String path, int status) throws Exception {
        Await.until(
                PATIENCE,
                path + " does not answer " + status,
                () -> ask(helper, method, path).statusCode() == status);
        var answer = ask(helper, method, path);
        var type = answer.headers().firstValue("content-type").orElse("none");
        helper.note(
                method + " " + path,
                answer.statusCode() + " " + type + " " + Normal.text(answer.body(), helper.folder()));
    }

    private static HttpResponse<String> ask(HelperProcess helper, String method, String path) throws IOException {
        var uri = URI.create("http://127.0.0.1:" + helper.port() + path);
        try {
            return http.send(
                    HttpRequest.newBuilder(uri)
                            .method(method, BodyPublishers.noBody())
                            .build(),
                    BodyHandlers.ofString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }
}
