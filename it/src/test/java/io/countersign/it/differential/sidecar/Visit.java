// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.sidecar;

import io.countersign.it.differential.Answer;
import java.io.IOException;
import javax.net.ssl.SSLContext;

/**
 * One connection to a listener of a file whose listeners share their logs: what is answered, and what is logged about it.
 *
 * @param request nothing is sent if it is empty, and the end waited for
 */
record Visit(String listener, Entry entry, String request) implements Pair.Question {
    /** How a client comes in. */
    @FunctionalInterface
    interface Entry {
        Client open(int port) throws IOException;
    }

    static Visit plain(String listener, String request) {
        return new Visit(listener, Client::plain, request);
    }

    /** @param protocols as with {@link Client#secure} */
    static Visit secure(String listener, SSLContext context, String request, String... protocols) {
        return new Visit(listener, port -> Client.secure(port, context, protocols), request);
    }

    @Override
    public Answer ask(Running sidecar) throws IOException {
        var answer = Answer.empty();
        try (var client = entry.open(sidecar.port(listener))) {
            if (!request.isEmpty()) {
                client.send(request);
            }
            answer = client.answer(false);
        } catch (IOException e) {
            answer = answer.with("end", Client.words(e));
        }
        return logged(answer, sidecar);
    }

    /** The same with the lines about one connection that has ended, and the request on it if that was answered. */
    static Answer logged(Answer answer, Running sidecar) {
        var all = answer.fields().containsKey("status")
                ? HttpCase.withLine(answer, "log", sidecar.nextLine("requests"))
                : answer;
        var words = sidecar.nextLine("connections").split(" ", -1);
        return all.with("connection log.failure", words[0])
                .with("connection log.flags", words[1])
                .with("connection log.termination", words[2])
                .with("connection log.peer", words[3])
                .with("connection log.server name", words[4]);
    }
}
