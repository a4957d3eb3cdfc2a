// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.server;

import io.countersign.agent.config.WorkloadKeyType;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/**
 * Keys with their requests, made before they are needed: a key takes longer than all else of a new certificate, and a workload
 * waits for it. Thread-safe.
 */
public final class ReadyRequests implements AutoCloseable {
    /** Those that take a tenth of a second each are few. */
    private static final int FEW = 2;

    private static final int MANY = 8;

    private final WorkloadKeyType type;
    private final BlockingQueue<CertificateRequest> ready;
    private final Thread making = Thread.ofVirtual().name("keys").unstarted(this::make);

    public ReadyRequests(WorkloadKeyType type) {
        this.type = type;
        this.ready = new ArrayBlockingQueue<>(
                switch (type) {
                    case EC_P256, EC_P384 -> MANY;
                    case RSA_2048 -> FEW;
                });
    }

    public ReadyRequests start() {
        making.start();
        return this;
    }

    private void make() {
        try {
            while (true) {
                ready.put(CertificateRequest.fresh(type));
            }
        } catch (InterruptedException e) {
            // only closing interrupts
            Thread.currentThread().interrupt();
        }
    }

    /** Each is given once. Where none is left it is made now. */
    public CertificateRequest next() {
        var made = ready.poll();
        return made == null ? CertificateRequest.fresh(type) : made;
    }

    @Override
    public void close() {
        making.interrupt();
    }
}
