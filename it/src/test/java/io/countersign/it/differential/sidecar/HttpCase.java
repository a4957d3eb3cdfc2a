// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.sidecar;

import com.google.gson.JsonParser;
import io.countersign.it.differential.Answer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * Requests on one connection, the answers, what becomes of the connection, and the lines of the access log.
 *
 * @param listener its name in the file, which is that of its log, too
 * @param context null for plain connections
 */
record HttpCase(
        String name,
        String listener,
        @Nullable SSLContext context,
        List<String> protocols,
        List<String> requests,
        List<Look> looks)
        implements Case {
    /** What is looked at besides the answer. */
    enum Look {
        /** Whether the connection stays open. */
        AFTERWARDS,
        /** Of answer and log only the status, the reason and how it ends, as the rest follows from a difference in these. */
        STATUS,
        /** No line of the listener's access log is expected. */
        NO_LOG,
        /** The line that the listener itself writes about a connection. */
        CONNECTION_LOG,
        /** Nothing is sent, as the handshake fails and its alert is waited for. */
        LISTEN,
        /** The client's end is closed after the last request, and the answer not waited for. */
        LEAVE
    }

    static HttpCase plain(String name, String listener, String... requests) {
        return new HttpCase(name, listener, null, List.of(), List.of(requests), List.of());
    }

    static HttpCase secure(String name, String listener, SSLContext context, String... requests) {
        return new HttpCase(name, listener, context, List.of(), List.of(requests), List.of());
    }

    HttpCase over(String... only) {
        return new HttpCase(name, listener, context, List.of(only), requests, looks);
    }

    HttpCase look(Look... more) {
        return new HttpCase(name, listener, context, protocols, requests, List.of(more));
    }

    @Override
    public String toString() {
        return name;
    }

    @Override
    public Answer ask(Running sidecar) throws IOException {
        var answer = Answer.empty();
        try (var client = open(sidecar)) {
            int i = 0;
            for (var request : requests) {
                if (!looks.contains(Look.LISTEN)) {
                    client.send(request);
                }
                if (looks.contains(Look.LEAVE)) {
                    continue;
                }
                var one = client.answer(request.startsWith("HEAD "));
                answer = requests.size() == 1 ? one : answer.with(String.valueOf(++i), one);
            }
            if (looks.contains(Look.AFTERWARDS)) {
                answer = answer.with("connection", client.afterwards());
            }
        } catch (IOException e) {
            answer = answer.with("connection", Client.words(e));
        }
        var all = withLogs(answer, sidecar);
        return looks.contains(Look.STATUS) ? essence(all) : all;
    }

    private static Answer essence(Answer all) {
        var few = new TreeMap<>(all.fields());
        few.keySet().retainAll(List.of("status", "body", "end", "before.status", "connection", "log.details"));
        if (all.fields().getOrDefault("status", "").contains("200")) {
            few.remove("body");
        }
        return new Answer(few);
    }

    private Client open(Running sidecar) throws IOException {
        return context == null
                ? Client.plain(sidecar.port(listener))
                : Client.secure(sidecar.port(listener), context, protocols.toArray(String[]::new));
    }

    private Answer withLogs(Answer before, Running sidecar) {
        var answer = before;
        if (looks.contains(Look.CONNECTION_LOG)) {
            answer = withConnection(answer, sidecar.nextLine(listener + "-connections"));
        }
        if (!looks.contains(Look.NO_LOG)) {
            var lines = new ArrayList<String>();
            requests.forEach(request -> lines.add(sidecar.nextLine(listener)));
            for (int i = 0; i < lines.size(); i++) {
                answer = withLine(answer, lines.size() == 1 ? "log" : "log " + (i + 1), lines.get(i));
            }
        }
        return answer;
    }

    private static Answer withConnection(Answer answer, String line) {
        var words = line.split(" ", -1);
        return answer.with("connection log.failure", words[0])
                .with("connection log.flags", words[1])
                .with("connection log.termination", words[2])
                .with("connection log.peer", words[3]);
    }

    /** The line's fields, or the whole line if it is no JSON. */
    static Answer withLine(Answer answer, String name, String line) {
        if (!line.startsWith("{")) {
            return answer.with(name, Normal.logLine(line));
        }
        var json = JsonParser.parseString(line).getAsJsonObject();
        json.addProperty("duration", json.get("duration").getAsString().replaceFirst("^[0-9]{1,5}$", "(ms)"));
        return Normal.json(answer, name, json).with(name + " keys", String.join(" ", json.keySet()));
    }
}
