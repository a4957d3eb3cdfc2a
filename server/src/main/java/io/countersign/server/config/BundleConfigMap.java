// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/**
 * A ConfigMap that holds this trust domain's bundle: SPIRE's {@code Notifier "k8sbundle"} and
 * {@code BundlePublisher "k8s_configmap"}.
 *
 * @param key under which the bundle stands
 * @param kubeConfig how the API server is reached; nothing for that of the cluster in which this server runs
 * @param refreshHint how often others are to look, if the form can say it
 */
public record BundleConfigMap(
        String namespace,
        String name,
        String key,
        Optional<Path> kubeConfig,
        Form form,
        Optional<Duration> refreshHint) {
    /** As what the bundle is written. */
    public enum Form {
        /** The certificates alone. */
        PEM,
        /** All keys as a JWK set. */
        JWKS,
        /** The document of the SPIFFE standard. */
        SPIFFE;

        /** Whatever its case. */
        static Optional<Form> named(String word) {
            return switch (word.toLowerCase(Locale.ROOT)) {
                case "pem" -> Optional.of(PEM);
                case "jwks" -> Optional.of(JWKS);
                case "spiffe" -> Optional.of(SPIFFE);
                default -> Optional.empty();
            };
        }
    }

    /** With the certificates, as PEM. */
    public BundleConfigMap(String namespace, String name, String key, Optional<Path> kubeConfig) {
        this(namespace, name, key, kubeConfig, Form.PEM, Optional.empty());
    }

    @Override
    public String toString() {
        return namespace + "/" + name;
    }
}
