// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.sidecar;

import io.countersign.it.differential.Answer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Both sidecars once more, with the file of routes and clusters, and the programs that only these have. */
final class Routed implements AutoCloseable {
    static final String HOST = " HTTP/1.1\nhost: app.test\n";

    private final Closing closing = new Closing();
    private final Upstream first;
    private final Upstream second;
    private final Pair pair;

    private Routed(Ground ground, Upstreams upstreams) throws Exception {
        try {
            first = closing.add(Upstream.plain());
            second = closing.add(Upstream.plain());
            var values = new HashMap<>(upstreams.values(ground));
            values.put("first", String.valueOf(first.port()));
            values.put("second", String.valueOf(second.port()));
            values.put("http-pipe", pipe(ground, "http.sock", first.port()));
            values.put("tcp-pipe", pipe(ground, "tcp.sock", upstreams.talker().port()));
            values.put("silent", String.valueOf(silent()));
            pair = closing.add(Pair.start(ground.folder, SidecarDifferentialTest.resource("routes.yaml"), values));
        } catch (Exception | AssertionError e) {
            closing.close();
            throw e;
        }
    }

    static Routed start(Ground ground, Upstreams upstreams) throws Exception {
        return new Routed(ground, upstreams);
    }

    private String pipe(Ground ground, String name, int port) throws IOException {
        var path = ground.folder.resolve(name);
        closing.add(Relay.open(path, new InetSocketAddress(InetAddress.getLoopbackAddress(), port)));
        return path.toString();
    }

    /** The kernel takes connections for it, and nobody says a word on them. */
    private int silent() throws IOException {
        return closing.add(new ServerSocket(0, 64, InetAddress.getLoopbackAddress()))
                .getLocalPort();
    }

    /** One that is asked of these. */
    Case on(String name, Pair.Question question) {
        return pair.asked(name, question);
    }

    Case on(HttpCase asked) {
        return on(asked.name(), asked);
    }

    /** Ports of the two programs that take turns. */
    int first() {
        return first.port();
    }

    int second() {
        return second.port();
    }

    /** A request to the cluster of that name, which has a line in the log. */
    static Answer asked(Running sidecar, String cluster, String headers) throws IOException {
        try (var client = Client.plain(sidecar.port("clusters"))) {
            client.send("GET /" + cluster + HOST + headers + "\n");
            return HttpCase.withLine(client.answer(false), "log", sidecar.nextLine("clusters"));
        }
    }

    /** Those that have counted something; Envoy shows them before. */
    static String counted(Running sidecar, String names) throws IOException {
        var wanted = Pattern.compile("(" + names + "): [1-9][0-9]*");
        return sidecar.get("/stats")
                .lines()
                .filter(line -> wanted.matcher(line).matches())
                .sorted()
                .collect(Collectors.joining("\n"));
    }

    /** What one endpoint of a cluster shows of itself, by name. */
    static Map<String, String> endpoint(Running sidecar, String cluster, int port) throws IOException {
        var begin = cluster + "::127.0.0.1:" + port + "::";
        return sidecar.get("/clusters")
                .lines()
                .filter(line -> line.startsWith(begin))
                .map(line -> line.substring(begin.length()).split("::", 2))
                .collect(Collectors.toMap(words -> words[0], words -> words[1]));
    }

    static long number(Map<String, String> endpoint, String name) {
        return Long.parseLong(endpoint.getOrDefault(name, "0"));
    }

    @Override
    public void close() throws Exception {
        closing.close();
    }
}
