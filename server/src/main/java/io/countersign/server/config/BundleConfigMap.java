// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.config;

import java.nio.file.Path;
import java.util.Optional;

/**
 * A ConfigMap that holds this trust domain's bundle: SPIRE's {@code Notifier "k8sbundle"}.
 *
 * @param key under which the certificates stand, as PEM
 * @param kubeConfig how the API server is reached; nothing for that of the cluster in which this server runs
 */
public record BundleConfigMap(String namespace, String name, String key, Optional<Path> kubeConfig) {
    @Override
    public String toString() {
        return namespace + "/" + name;
    }
}
