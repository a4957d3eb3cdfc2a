// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.bootstrap;

import java.nio.file.Path;

/** Where to listen or connect. */
public sealed interface Address {
    record Tcp(String host, int port) implements Address {
        @Override
        public String toString() {
            return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
        }
    }

    record Unix(Path path) implements Address {
        @Override
        public String toString() {
            return path.toString();
        }
    }
}
