// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.sidecar;

import io.countersign.it.process.FreePort;

/** Ports of this machine that were free, each given once. */
final class Ports {
    private Ports() {}

    static int free() {
        return FreePort.find();
    }
}
