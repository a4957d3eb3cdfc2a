// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.sidecar;

import io.countersign.it.differential.Answer;
import io.countersign.it.process.Await;
import java.io.IOException;
import java.math.BigInteger;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.SSLContext;

/** Secrets in files that are renewed. */
final class DocumentCases {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final String GET = "GET / HTTP/1.1\nhost: app.test\nconnection: close\n\n";

    private DocumentCases() {}

    static List<Case> all(Ground ground, Filters filters) {
        var frontend = ground.mint(Ground.FRONTEND).context();
        var stranger = ground.stranger.issue(Authority.Leaf.of(Ground.FRONTEND)).context();
        return List.of(
                Case.of(
                        "documents: known client",
                        main -> asked(filters.of(main.side()).sidecar(), frontend)),
                Case.of(
                        "documents: stranger",
                        main -> refused(filters.of(main.side()).sidecar(), stranger)),
                Case.of("documents: renewed", main -> {
                    var sidecar = filters.of(main.side()).sidecar();
                    var expected = filters.documents().renewed("once");
                    Await.until(
                            PATIENCE,
                            "no new certificate",
                            () -> serial(sidecar, frontend).equals(expected));
                    return asked(sidecar, frontend);
                }));
    }

    private static BigInteger serial(Running sidecar, SSLContext context) throws IOException {
        try (var client = Client.secure(sidecar.port("documents"), context)) {
            return client.peerSerial();
        }
    }

    private static Answer asked(Running sidecar, SSLContext context) throws IOException {
        try (var client = Client.secure(sidecar.port("documents"), context)) {
            client.send(GET);
            return client.answer(false);
        } catch (IOException e) {
            return Answer.empty().with("end", Client.words(e));
        }
    }

    /** The client says nothing: what is not read makes a reset of the alert, as it falls out. */
    private static Answer refused(Running sidecar, SSLContext context) throws IOException {
        try (var client = Client.secure(sidecar.port("documents"), context)) {
            return client.answer(false);
        }
    }
}
