// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.sidecar;

import io.countersign.it.differential.Answer;
import java.io.IOException;
import java.util.List;
import javax.net.ssl.SSLContext;

/** Connections to one port that are told apart by what their clients say first. */
final class ChainCases {
    private static final String GET = "GET / HTTP/1.1\nhost: app.test\nconnection: close\n\n";

    private final Filters filters;
    private final SSLContext context;

    private ChainCases(Ground ground, Filters filters) {
        this.filters = filters;
        this.context = ground.mint(Ground.FRONTEND).context();
    }

    static List<Case> all(Ground ground, Filters filters) {
        var cases = new ChainCases(ground, filters);
        return List.of(
                cases.secure("whole name", "chains", "a.test"),
                cases.secure("whole name, the other", "chains", "c.test", "one"),
                cases.secure("name in capitals", "chains", "A.TEST"),
                cases.secure("end of a name", "chains", "x.a.test"),
                cases.secure("end of a longer name", "chains", "x.y.a.test"),
                cases.secure("shorter end of a name", "chains", "b.test"),
                cases.secure("what follows the star itself", "chains", "test"),
                cases.secure("first protocol that fits", "chains", "p.test", "three", "one", "two"),
                cases.secure("other protocol first", "chains", "p.test", "two", "one"),
                cases.secure("name fits, protocol does not", "chains", "p.test", "three"),
                cases.secure("name fits, no protocol", "chains", "p.test"),
                cases.secure("no name", "chains", "", "one"),
                cases.secure("no name, no protocol", "chains", ""),
                cases.secure("another name", "chains", "a.other", "one"),
                cases.secure("another name, another protocol", "chains", "a.other", "three"),
                cases.plain("plain", "chains", GET),
                cases.plain("bytes that begin as TLS does", "chains", "\u0016\u0003\u0001\u0000\u0001x"),
                cases.secure("named, with a default", "chains-default", "a.test", "one"),
                cases.plain("plain, with a default", "chains-default", GET),
                cases.counted());
    }

    private Case secure(String name, String listener, String server, String... protocols) {
        return Case.of("chains: " + name, main -> {
            var sidecar = filters.of(main.side()).sidecar();
            try (var client = Client.asking(sidecar.port(listener), context, server, protocols)) {
                return asked(client, GET).with("log", sidecar.nextLine(listener + "-connections"));
            }
        });
    }

    private Case plain(String name, String listener, String text) {
        return Case.of("chains: " + name, main -> {
            var sidecar = filters.of(main.side()).sidecar();
            try (var client = Client.plain(sidecar.port(listener))) {
                return asked(client, text).with("log", sidecar.nextLine(listener + "-connections"));
            }
        });
    }

    private static Answer asked(Client client, String text) {
        try {
            client.send(text);
            return client.answer(false);
        } catch (IOException e) {
            return Answer.empty().with("end", Client.words(e));
        }
    }

    private Case counted() {
        return Case.of("chains: counters", main -> {
            var stats = filters.of(main.side()).sidecar().get("/stats");
            return Answer.empty()
                    .with(
                            "counted",
                            Normal.text(String.join(
                                    "\n",
                                    stats.lines()
                                            .filter(line ->
                                                    line.contains("no_filter_chain_match") && !line.endsWith(": 0"))
                                            .sorted()
                                            .toList())));
        });
    }
}
