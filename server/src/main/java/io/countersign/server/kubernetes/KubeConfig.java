// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.kubernetes;

import io.countersign.server.kubernetes.ApiAccess.ClientCertificate;
import io.countersign.spiffe.x509.Pem;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * A kubeconfig file, as kubectl reads it: the cluster and the user of its current context. What it may say beyond
 * certificates and tokens is refused by its name.
 */
final class KubeConfig {
    private static final List<String> NO_CLUSTER = List.of("insecure-skip-tls-verify", "tls-server-name", "proxy-url");
    private static final List<String> NO_USER =
            List.of("exec", "auth-provider", "username", "password", "as", "as-uid", "as-groups", "as-user-extra");

    private final Path file;

    private KubeConfig(Path file) {
        this.file = file;
    }

    /** @throws IOException if the file, or one that it names, cannot be read or asks for what is not supported */
    static ApiAccess read(Path file) throws IOException {
        try {
            var config = new Load(
                            LoadSettings.builder().setLabel(file.toString()).build())
                    .loadFromString(Files.readString(file));
            return new KubeConfig(file).access(config);
        } catch (NoSuchFileException e) {
            var own = file.toString().equals(e.getFile());
            throw new IOException(
                    "kube_config_file " + file + (own ? "" : " names " + e.getFile() + ", which") + " is not there", e);
        } catch (YamlEngineException e) {
            // without what the library says and quotes: a token may stand there
            throw new IOException("kube_config_file " + file + " is no yaml" + place(e));
        } catch (IllegalArgumentException e) {
            throw new IOException("kube_config_file " + file + " cannot be used: " + e.getMessage(), e);
        }
    }

    private static String place(YamlEngineException failure) {
        return failure instanceof MarkedYamlEngineException marked
                        && marked.getProblemMark().isPresent()
                ? ", see line " + (marked.getProblemMark().get().getLine() + 1)
                : "";
    }

    private ApiAccess access(Object config) throws IOException {
        var context = named(
                config,
                "contexts",
                "context",
                text(config, "current-context")
                        .orElseThrow(() -> new IllegalArgumentException("current-context is missing")));
        var cluster =
                named(config, "clusters", "cluster", text(context, "cluster").orElse(""));
        var user = named(config, "users", "user", text(context, "user").orElse(""));
        NO_CLUSTER.forEach(key -> refuse(cluster, key));
        NO_USER.forEach(key -> refuse(user, key));
        var server = URI.create(text(cluster, "server").orElse(""));
        if (!"https".equals(server.getScheme()) || server.getHost() == null) {
            throw new IllegalArgumentException("server \"" + server + "\" was found, expected https:// and a host");
        }
        return new ApiAccess(server, authorities(cluster), token(user), certificate(user));
    }

    private List<X509Certificate> authorities(Map<?, ?> cluster) throws IOException {
        var pem = bytes(cluster, "certificate-authority");
        return pem.isEmpty() ? List.of() : Pem.parseCertificates(pem.get());
    }

    /** A file goes before the text, as with kubectl. */
    private Optional<String> token(Map<?, ?> user) throws IOException {
        var path = text(user, "tokenFile");
        return path.isEmpty()
                ? text(user, "token")
                : Optional.of(Files.readString(beside(path.get())).strip());
    }

    private Optional<ClientCertificate> certificate(Map<?, ?> user) throws IOException {
        var chain = bytes(user, "client-certificate");
        var key = bytes(user, "client-key");
        if (chain.isPresent() != key.isPresent()) {
            throw new IllegalArgumentException(
                    "client-certificate and client-key were expected together, one is there");
        }
        return chain.isEmpty() ? Optional.empty() : Optional.of(ClientCertificate.of(chain.get(), key.get()));
    }

    /** Of the key with {@code -data} behind it, or of the file that the key names. */
    private Optional<byte[]> bytes(Map<?, ?> block, String key) throws IOException {
        var data = text(block, key + "-data");
        if (data.isPresent()) {
            return Optional.of(Base64.getMimeDecoder().decode(data.get()));
        }
        var path = text(block, key);
        return path.isEmpty() ? Optional.empty() : Optional.of(Files.readAllBytes(beside(path.get())));
    }

    /** Paths count from where the file is. */
    private Path beside(String path) {
        return file.resolveSibling(path);
    }

    private static Map<?, ?> named(Object config, String list, String kind, String name) {
        if (block(config).get(list) instanceof List<?> all) {
            for (var each : all) {
                if (text(each, "name").orElse("").equals(name)) {
                    return block(block(each).get(kind));
                }
            }
        }
        throw new IllegalArgumentException(list + " has no \"" + name + "\", expected the one of the current context");
    }

    private static void refuse(Map<?, ?> block, String key) {
        if (block.containsKey(key) && !Boolean.FALSE.equals(block.get(key))) {
            throw new IllegalArgumentException(key + " is not supported, expected certificates or a token");
        }
    }

    private static Optional<String> text(@Nullable Object block, String key) {
        return block(block).get(key) instanceof String text && !text.isEmpty() ? Optional.of(text) : Optional.empty();
    }

    private static Map<?, ?> block(@Nullable Object value) {
        return value instanceof Map<?, ?> map ? map : Map.of();
    }
}
