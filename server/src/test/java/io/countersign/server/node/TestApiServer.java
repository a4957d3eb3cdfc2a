// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.node;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
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
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.bouncycastle.asn1.x509.GeneralName;

/**
 * An API server over TLS with one node, one pod and one ConfigMap, whose objects are those of a real one, cut down. It knows
 * its client by a token that stands in a file beside the kubeconfig.
 */
public final class TestApiServer implements AutoCloseable {
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
    private final AtomicInteger refusals = new AtomicInteger();
    private volatile int version = 1;
    private volatile boolean hasConfigMap = true;
    private volatile JsonObject configMapData = new JsonObject();

    private TestApiServer(HttpsServer server, Path folder) {
        this.server = server;
        this.folder = folder;
    }

    public static TestApiServer start(Path folder) throws Exception {
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

    public Path kubeConfig() {
        return folder.resolve("kubeconfig");
    }

    /** The client's, which the file then holds; the one before counts no more. */
    public void renewToken() throws IOException {
        token = UUID.randomUUID().toString();
        Files.writeString(folder.resolve("token"), token + "\n");
    }

    /** Nobody is known any more, until the token is renewed. */
    public void lockOut() {
        token = UUID.randomUUID().toString();
    }

    /** How many questions were refused because nobody knew who asked. */
    public int refusals() {
        return refusals.get();
    }

    /** In everything that is answered from now on. */
    void replace(String from, String to) {
        replaced.add(new String[] {from, to});
    }

    /** What was asked. */
    String lastReview() {
        return lastReview;
    }

    /** What somebody has put into the ConfigMap, empty if nobody has. */
    public String configMapText(String key) {
        return configMapData.has(key) ? configMapData.get(key).getAsString() : "";
    }

    /** Somebody else changes the ConfigMap. */
    public synchronized void putConfigMapText(String key, String text) {
        var changed = configMapData.deepCopy();
        changed.addProperty(key, text);
        configMapData = changed;
        version++;
    }

    /** Somebody else takes it away. */
    public synchronized void removeConfigMap() {
        configMapData = new JsonObject();
        hasConfigMap = false;
    }

    private String configMap() {
        var metadata = new JsonObject();
        metadata.addProperty("resourceVersion", String.valueOf(version));
        var object = new JsonObject();
        object.addProperty("kind", "ConfigMap");
        object.add("metadata", metadata);
        object.add("data", configMapData);
        return object.toString();
    }

    private synchronized void patch(HttpExchange exchange, JsonObject patch) throws IOException {
        var read = patch.getAsJsonObject("metadata").get("resourceVersion").getAsString();
        if (!exchange.getRequestHeaders().getFirst("Content-Type").equals("application/merge-patch+json")) {
            say(exchange, 415, status("no such patch"));
        } else if (!read.equals(String.valueOf(version))) {
            say(exchange, 409, status("the object has been modified"));
        } else {
            patch.getAsJsonObject("data").asMap().forEach((key, text) -> putConfigMapText(key, text.getAsString()));
            say(exchange, 200, configMap());
        }
    }

    private synchronized void create(HttpExchange exchange, JsonObject object) throws IOException {
        var name = object.getAsJsonObject("metadata").get("name").getAsString();
        if (!name.equals("spire-bundle")) {
            say(exchange, 403, status("configmaps is forbidden"));
        } else if (hasConfigMap) {
            say(exchange, 409, status("configmaps \"" + name + "\" already exists"));
        } else {
            configMapData = object.getAsJsonObject("data");
            hasConfigMap = true;
            version++;
            say(exchange, 201, configMap());
        }
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            var asked = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            var path = exchange.getRequestURI().getPath();
            if (!("Bearer " + token).equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
                refusals.incrementAndGet();
                say(exchange, 401, status("Unauthorized"));
            } else if (path.equals("/apis/authentication.k8s.io/v1/tokenreviews")) {
                lastReview = asked;
                say(exchange, 201, changed(REVIEW));
            } else if (path.equals("/api/v1/namespaces/spire/pods/agent-x1")) {
                say(exchange, 200, changed(POD));
            } else if (path.equals("/api/v1/nodes/machine-7")) {
                say(exchange, 200, changed(NODE));
            } else if (path.equals("/api/v1/namespaces/spire/configmaps")) {
                create(exchange, JsonParser.parseString(asked).getAsJsonObject());
            } else if (hasConfigMap && path.equals("/api/v1/namespaces/spire/configmaps/spire-bundle")) {
                if (exchange.getRequestMethod().equals("PATCH")) {
                    patch(exchange, JsonParser.parseString(asked).getAsJsonObject());
                } else {
                    say(exchange, 200, configMap());
                }
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
