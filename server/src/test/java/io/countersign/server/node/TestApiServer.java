// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.node;

import com.google.gson.JsonObject;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.countersign.server.node.NodePki.Wish;
import io.countersign.spiffe.x509.Pem;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.bouncycastle.asn1.x509.GeneralName;

/**
 * An API server over TLS with one node and one pod, whose objects are those of a real one, cut down. It knows its client by
 * a token that stands in a file beside the kubeconfig.
 */
final class TestApiServer implements AutoCloseable {
    private static final String REVIEW = """
            {"kind":"TokenReview","apiVersion":"authentication.k8s.io/v1","metadata":{},"spec":{"token":"x"},
             "status":{"authenticated":true,"audiences":["spire-server"],"user":{
              "username":"system:serviceaccount:spire:spire-agent","uid":"u1",
              "groups":["system:serviceaccounts"],
              "extra":{"authentication.kubernetes.io/pod-name":["agent-x1"],
                       "authentication.kubernetes.io/pod-uid":["pod-uid-1"],
                       "authentication.kubernetes.io/node-name":["machine-7"]}}}}""";
    private static final String POD = """
            {"kind":"Pod","apiVersion":"v1","metadata":{"name":"agent-x1","namespace":"spire","uid":"pod-uid-1",
             "labels":{"app":"agent","pod-template-generation":"1"}},
             "spec":{"nodeName":"machine-7","containers":[]},"status":{"phase":"Running","hostIP":"10.0.0.7"}}""";
    private static final String NODE = """
            {"kind":"Node","apiVersion":"v1","metadata":{"name":"machine-7","uid":"node-uid-1",
             "labels":{"topology.kubernetes.io/zone":"a","kubernetes.io/os":"linux"}},"status":{}}""";

    private final HttpsServer server;
    private final Path folder;
    private final List<String[]> replaced = new ArrayList<>();
    private volatile String token = "";
    private volatile String lastReview = "";

    private TestApiServer(HttpsServer server, Path folder) {
        this.server = server;
        this.folder = folder;
    }

    static TestApiServer start(Path folder) throws Exception {
        var now = Instant.now();
        var root = NodePki.root("cluster", now);
        var wish = Wish.of(NodePki.ec(), now).name(GeneralName.iPAddress, "127.0.0.1");
        var server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(tls(wish.keys().getPrivate(), NodePki.node(wish, root))));
        var api = new TestApiServer(server, folder);
        server.createContext("/", api::answer);
        server.start();
        Files.writeString(folder.resolve("ca.crt"), Pem.certificates(List.of(root.certificate())));
        api.renewToken();
        Files.writeString(api.kubeConfig(), """
                apiVersion: v1
                kind: Config
                current-context: here
                contexts:
                - {name: there, context: {cluster: nothing, user: nobody}}
                - {name: here, context: {cluster: one, user: me}}
                clusters:
                - name: one
                  cluster: {server: "https://127.0.0.1:%d", certificate-authority: ca.crt}
                users:
                - {name: me, user: {tokenFile: token}}
                """.formatted(server.getAddress().getPort()));
        return api;
    }

    private static SSLContext tls(PrivateKey key, X509Certificate certificate) throws Exception {
        var store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry("own", key, new char[0], new Certificate[] {certificate});
        var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, new char[0]);
        var context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        return context;
    }

    Path kubeConfig() {
        return folder.resolve("kubeconfig");
    }

    /** The client's, which the file then holds; the one before counts no more. */
    void renewToken() throws IOException {
        token = UUID.randomUUID().toString();
        Files.writeString(folder.resolve("token"), token + "\n");
    }

    /** In everything that is answered from now on. */
    void replace(String from, String to) {
        replaced.add(new String[] {from, to});
    }

    /** What was asked. */
    String lastReview() {
        return lastReview;
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            var asked = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            var path = exchange.getRequestURI().getPath();
            if (!("Bearer " + token).equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
                say(exchange, 401, status("Unauthorized"));
            } else if (path.equals("/apis/authentication.k8s.io/v1/tokenreviews")) {
                lastReview = asked;
                say(exchange, 201, changed(REVIEW));
            } else if (path.equals("/api/v1/namespaces/spire/pods/agent-x1")) {
                say(exchange, 200, changed(POD));
            } else if (path.equals("/api/v1/nodes/machine-7")) {
                say(exchange, 200, changed(NODE));
            } else {
                var parts = path.split("/", -1);
                say(exchange, 404, status(parts[parts.length - 2] + " \"" + parts[parts.length - 1] + "\" not found"));
            }
        }
    }

    private static String status(String message) {
        var status = new JsonObject();
        status.addProperty("kind", "Status");
        status.addProperty("message", message);
        return status.toString();
    }

    private String changed(String text) {
        var now = text;
        for (var each : replaced) {
            now = now.replace(each[0], each[1]);
        }
        return now;
    }

    private static void say(HttpExchange exchange, int code, String json) throws IOException {
        var body = json.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(code, body.length);
        exchange.getResponseBody().write(body);
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
