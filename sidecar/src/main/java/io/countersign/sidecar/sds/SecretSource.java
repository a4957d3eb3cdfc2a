// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.sds;

import io.countersign.sidecar.bootstrap.TlsSettings.SecretRef;
import java.time.Instant;
import java.util.Optional;

/** One secret, kept fresh from wherever it comes. Thread-safe. */
public sealed interface SecretSource extends AutoCloseable permits SecretSubscription, SecretFiles {
    SecretRef ref();

    /** The last good one. */
    Optional<Secret> current();

    Instant updated();

    String version();

    /** Runs {@code listener} after each change, on a thread of the source. */
    void onChange(Runnable listener);

    void start();

    /** Blocks until there was a first answer, good or not, or the time since the start that the file gives is over. */
    void awaitFirst() throws InterruptedException;

    @Override
    void close();
}
