// SPDX-License-Identifier: Apache-2.0
package io.countersign.intruder;

import io.countersign.launch.EventLog;
import io.countersign.workloadapi.Watcher;
import io.countersign.workloadapi.WorkloadApiException;
import io.countersign.workloadapi.X509Context;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The newest identity that the agent has given this program. The watch behind it asks again, with pauses that grow to
 * five seconds, for as long as there is no agent or no entry; an identity that was given stays until it ends. Thread-safe.
 */
final class OwnIdentity implements Watcher<X509Context> {
    /** What is there to attack with. */
    sealed interface Holding {}

    record Identity(X509Context context) implements Holding {}

    record Nothing(String why) implements Holding {}

    private final EventLog log;
    private final AtomicReference<Holding> newest =
            new AtomicReference<>(new Nothing("no identity yet: the agent has not answered"));
    private final AtomicReference<String> lastError = new AtomicReference<>("");

    OwnIdentity(EventLog log) {
        this.log = log;
    }

    /** What is held at {@code now}. An SVID that has ended counts as nothing: its refusal would prove nothing. */
    Holding at(Instant now) {
        return switch (newest.get()) {
            case Nothing nothing -> nothing;
            case Identity identity -> {
                var svid = identity.context().defaultSvid();
                yield svid.expiresAt().isAfter(now)
                        ? identity
                        : new Nothing("the SVID of \"" + svid.id() + "\" ended at " + svid.expiresAt()
                                + ", expected a fresh one; does the agent run?");
            }
        };
    }

    @Override
    public void onUpdate(X509Context update) {
        newest.set(new Identity(update));
        lastError.set("");
        var svid = update.defaultSvid();
        log.info()
                .addKeyValue("spiffe_id", svid.id().toString())
                .addKeyValue("serial", svid.serialNumberHex())
                .addKeyValue("expires_at", svid.expiresAt().toString())
                .log("Identity received");
    }

    @Override
    public void onError(WorkloadApiException error) {
        var words = String.valueOf(error.getMessage());
        newest.updateAndGet(held -> switch (held) {
            case Nothing _ -> new Nothing("no identity yet: " + words);
            case Identity identity -> identity;
        });
        // the watch fails again and again in the same words
        if (!words.equals(lastError.getAndSet(words))) {
            log.error().addKeyValue("error", words).log("No identity from the agent for now");
        }
    }
}
