// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.kubernetes;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.countersign.spiffe.json.Json;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Redirect;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;

/** Asks one API server, with the credentials that were there when it was opened. Each question takes 30 seconds at most. */
public final class ApiServer implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final long LONGEST_ANSWER = 8L << 20;
    private static final String CONFIG_MAPS = "config maps";
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9.-]*");

    private final ApiAccess access;
    private final HttpClient client;

    private ApiServer(ApiAccess access) throws IOException {
        this.access = access;
        this.client = HttpClient.newBuilder()
                .sslContext(access.tls())
                .proxy(HttpClient.Builder.NO_PROXY)
                .followRedirects(Redirect.NEVER)
                .version(Version.HTTP_1_1)
                .connectTimeout(PATIENCE)
                .build();
    }

    /**
     * The one that a kubeconfig file speaks of, or without one that of the cluster that this program runs in.
     *
     * @throws IOException if there is none, or its credentials cannot be read
     */
    public static ApiServer open(Optional<Path> kubeConfig) throws IOException {
        return new ApiServer(kubeConfig.isPresent() ? KubeConfig.read(kubeConfig.get()) : ApiAccess.inCluster());
    }

    /**
     * Has a token of a service account judged.
     *
     * @param audiences for which it counts; none for the API server itself
     * @throws IOException if the API server does not answer, or has not looked at the audiences
     */
    public TokenReview review(String token, List<String> audiences) throws IOException, InterruptedException {
        var spec = new JsonObject();
        spec.addProperty("token", token);
        if (!audiences.isEmpty()) {
            spec.add("audiences", array(audiences));
        }
        var question = new JsonObject();
        question.addProperty("apiVersion", "authentication.k8s.io/v1");
        question.addProperty("kind", "TokenReview");
        question.add("spec", spec);
        var request = request("/apis/authentication.k8s.io/v1/tokenreviews")
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(question.toString()))
                .build();
        var review = TokenReview.of(ask("token review", request));
        if (review.authenticated()
                && !audiences.isEmpty()
                && audiences.stream().noneMatch(review.audiences()::contains)) {
            throw new IOException("token review API did not validate audience: wanted one of " + quoted(audiences)
                    + " but got " + quoted(review.audiences()));
        }
        return review;
    }

    /** @throws IOException if there is none, or the API server does not answer */
    public Pod pod(String namespace, String name) throws IOException, InterruptedException {
        return Pod.of(get("pods", "/api/v1/namespaces/" + named(namespace) + "/pods/" + named(name)));
    }

    /** @throws IOException if there is none, or the API server does not answer */
    public Node node(String name) throws IOException, InterruptedException {
        return Node.of(get("nodes", "/api/v1/nodes/" + named(name)));
    }

    /**
     * Nothing if there is none.
     *
     * @throws IOException if the API server does not answer
     */
    public Optional<ConfigMap> configMap(String namespace, String name) throws IOException, InterruptedException {
        var answer = send(CONFIG_MAPS, request(configMapPath(namespace, name)).build());
        return answer.statusCode() == HttpURLConnection.HTTP_NOT_FOUND
                ? Optional.empty()
                : Optional.of(ConfigMap.of(object(CONFIG_MAPS, answer)));
    }

    /**
     * Makes a ConfigMap with one text in it.
     *
     * @throws IOException if there is one already, or the API server does not let us or does not answer
     */
    public void create(String namespace, String name, String key, String text)
            throws IOException, InterruptedException {
        var metadata = new JsonObject();
        metadata.addProperty("name", name);
        var data = new JsonObject();
        data.addProperty(key, text);
        var object = new JsonObject();
        object.addProperty("apiVersion", "v1");
        object.addProperty("kind", "ConfigMap");
        object.add("metadata", metadata);
        object.add("data", data);
        var request = request(configMapsPath(namespace))
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(object.toString()))
                .build();
        ask(CONFIG_MAPS, request);
    }

    /**
     * Puts a text under a key of a ConfigMap and leaves the other keys as they are.
     *
     * @param version of the ConfigMap that was read before
     * @throws IOException if somebody else has changed it since, or the API server does not answer
     */
    public void put(String namespace, String name, String version, String key, String text)
            throws IOException, InterruptedException {
        var metadata = new JsonObject();
        metadata.addProperty("resourceVersion", version);
        var data = new JsonObject();
        data.addProperty(key, text);
        var patch = new JsonObject();
        patch.add("metadata", metadata);
        patch.add("data", data);
        var request = request(configMapPath(namespace, name))
                .header("Content-Type", "application/merge-patch+json")
                .method("PATCH", BodyPublishers.ofString(patch.toString()))
                .build();
        ask(CONFIG_MAPS, request);
    }

    private static String configMapPath(String namespace, String name) throws IOException {
        return configMapsPath(namespace) + "/" + named(name);
    }

    private static String configMapsPath(String namespace) throws IOException {
        return "/api/v1/namespaces/" + named(namespace) + "/configmaps";
    }

    private Json get(String what, String path) throws IOException, InterruptedException {
        return ask(what, request(path).build());
    }

    private HttpRequest.Builder request(String path) {
        var base = access.server().toString();
        var request = HttpRequest.newBuilder(
                        URI.create((base.endsWith("/") ? base.substring(0, base.length() - 1) : base) + path))
                .header("Accept", "application/json");
        access.token().ifPresent(token -> request.header("Authorization", "Bearer " + token));
        return request;
    }

    private Json ask(String what, HttpRequest request) throws IOException, InterruptedException {
        return object(what, send(what, request));
    }

    private HttpResponse<byte[]> send(String what, HttpRequest request) throws IOException, InterruptedException {
        var call = client.sendAsync(request, BodyHandlers.limiting(BodyHandlers.ofByteArray(), LONGEST_ANSWER));
        try {
            return call.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            call.cancel(true);
            throw new IOException(
                    "unable to query " + what + " API: no answer within " + PATIENCE.toSeconds() + " s", e);
        } catch (ExecutionException e) {
            throw new IOException("unable to query " + what + " API: " + e.getCause(), e);
        }
    }

    private static Json object(String what, HttpResponse<byte[]> answer) throws IOException {
        if (answer.statusCode() / 100 != 2) {
            throw new IOException(
                    "unable to query " + what + " API: " + answer.statusCode() + " " + message(answer.body()));
        }
        try {
            return Json.parse(answer.body());
        } catch (IllegalArgumentException e) {
            throw new IOException("unable to query " + what + " API: its answer is no json: " + e.getMessage(), e);
        }
    }

    /** The words of a Status object, if it is one. */
    private static String message(byte[] body) {
        try {
            return Fields.text(Json.parse(body), "message");
        } catch (IllegalArgumentException e) {
            return "";
        }
    }

    private static String named(String name) throws IOException {
        if (!NAME.matcher(name).matches()) {
            throw new IOException("\"" + name + "\" is no name of an object");
        }
        return name;
    }

    private static JsonArray array(Collection<String> texts) {
        var array = new JsonArray();
        texts.forEach(array::add);
        return array;
    }

    private static String quoted(Collection<String> texts) {
        return texts.stream().map(text -> "\"" + text + "\"").toList().toString();
    }

    @Override
    public void close() {
        client.shutdownNow();
    }
}
