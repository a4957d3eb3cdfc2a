// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.sidecar;

import com.google.gson.JsonParser;
import io.countersign.it.differential.Answer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLContext;

/** Java's own client, which agrees on HTTP/2 by ALPN where it can. */
final class Http2Cases {
    private Http2Cases() {}

    static List<Case> all(Ground ground) {
        var frontend = ground.mint(Ground.FRONTEND, "localhost").context();
        var other = ground.mint("spiffe://example.org/other").context();
        return List.of(
                ask("GET", frontend, Version.HTTP_2, request -> request),
                ask("GET by a client of HTTP/1.1", frontend, Version.HTTP_1_1, request -> request),
                ask("HEAD", frontend, Version.HTTP_2, HttpRequest.Builder::HEAD),
                ask("POST", frontend, Version.HTTP_2, request -> request.POST(BodyPublishers.ofString("body"))),
                ask("POST without body", frontend, Version.HTTP_2, request -> request.POST(BodyPublishers.noBody())),
                ask(
                        "headers",
                        frontend,
                        Version.HTTP_2,
                        request -> request.header("x-a", "1")
                                .header("x-a", "2")
                                .header("te", "trailers")
                                .header("x-forwarded-client-cert", "By=forged")),
                ask("an identity that no policy knows", other, Version.HTTP_2, request -> request),
                ask("204", frontend, Version.HTTP_2, request -> request.header("x-do", "204")),
                ask("an answer in chunks", frontend, Version.HTTP_2, request -> request.header("x-do", "chunked")),
                ask(
                        "many headers in the answer",
                        frontend,
                        Version.HTTP_2,
                        request -> request.header("x-do", "headers")),
                ask("closed before the answer", frontend, Version.HTTP_2, request -> request.header("x-do", "close")),
                ask(
                        "gRPC refused",
                        other,
                        Version.HTTP_2,
                        request -> request.header("content-type", "application/grpc")
                                .POST(BodyPublishers.noBody())));
    }

    private static Case ask(
            String name, SSLContext context, Version version, UnaryOperator<HttpRequest.Builder> change) {
        return Case.of("HTTP/2: " + name, sidecar -> {
            var uri = URI.create("https://127.0.0.1:" + sidecar.port("h2") + "/a?b");
            var request = change.apply(HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(25)))
                    .setHeader("user-agent", "tester");
            try (var client =
                    HttpClient.newBuilder().sslContext(context).version(version).build()) {
                var answer = answer(client.send(request.build(), BodyHandlers.ofString()));
                return HttpCase.withLine(answer, "log", sidecar.nextLine("h2"));
            }
        });
    }

    private static Answer answer(HttpResponse<String> response) {
        var answer = Answer.empty().with("status", response.statusCode()).with("version", response.version());
        for (var header : response.headers().map().entrySet()) {
            var values = header.getValue().stream()
                    .map(value -> Normal.header(header.getKey(), value))
                    .toList();
            answer = answer.with("header." + header.getKey(), String.join(" | ", values));
        }
        return response.headers().firstValue("content-type").orElse("").equals("application/json")
                ? Normal.json(answer, "echo", JsonParser.parseString(response.body()))
                : answer.with("body", response.body());
    }
}
