// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.notifier;

import io.countersign.datastore.authority.TrustedAuthorities.Published;
import io.countersign.server.config.BundleConfigMap;
import io.countersign.server.federation.PublishedBundle;
import io.countersign.server.kubernetes.ApiServer;
import io.countersign.server.wire.Trusted;
import io.countersign.spiffe.TrustDomain;
import io.countersign.spiffe.bundle.TrustBundle;
import io.countersign.spiffe.x509.Pem;
import java.io.IOException;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the bundle in one ConfigMap, on a thread of its own: written within a second or so of each change, again until it has
 * worked, and again when somebody else has changed it, as no new agent can start without it. A ConfigMap that is not there is
 * made, if the API server lets us. One that is away keeps the server from nothing else, unlike with the original's notifier,
 * without which it does not start.
 */
public final class BundleNotice implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(BundleNotice.class);
    private static final Duration INTERVAL = Duration.ofSeconds(1);
    private static final Duration PAUSE = Duration.ofSeconds(5);
    private static final Duration LOOK = Duration.ofSeconds(30);

    private final TrustDomain trustDomain;
    private final BundleConfigMap place;
    private final Supplier<Published> bundle;
    private final Duration look;
    private final Thread thread;
    private OptionalLong written = OptionalLong.empty();
    private long seenAt;

    /** @param bundle what it says right now; asked again and again, so it must be cheap */
    public BundleNotice(TrustDomain trustDomain, BundleConfigMap place, Supplier<Published> bundle) {
        this(trustDomain, place, bundle, LOOK);
    }

    /** @param look how long what stands there is believed to stand there still */
    BundleNotice(TrustDomain trustDomain, BundleConfigMap place, Supplier<Published> bundle, Duration look) {
        this.trustDomain = trustDomain;
        this.place = place;
        this.bundle = bundle;
        this.look = look;
        this.thread = Thread.ofVirtual().name("bundle to " + place).unstarted(this::run);
    }

    public BundleNotice start() {
        thread.start();
        return this;
    }

    private void run() {
        try {
            while (!Thread.currentThread().isInterrupted()) {
                Thread.sleep(write(bundle.get()));
            }
        } catch (InterruptedException e) {
            // only closing interrupts
            Thread.currentThread().interrupt();
        }
    }

    /** Says when to look again. */
    private Duration write(Published now) throws InterruptedException {
        boolean seen = System.nanoTime() - seenAt < look.toNanos();
        if (seen && written.equals(OptionalLong.of(now.sequenceNumber()))) {
            return INTERVAL;
        }
        try (var api = ApiServer.open(place.kubeConfig())) {
            write(api, text(now));
            written = OptionalLong.of(now.sequenceNumber());
            seenAt = System.nanoTime();
            return INTERVAL;
        } catch (IOException | RuntimeException e) {
            log.atWarn()
                    .addKeyValue("config_map", place)
                    .addKeyValue("reason", e.getMessage())
                    .log("the bundle cannot be written and is tried again");
            return PAUSE;
        }
    }

    private void write(ApiServer api, String text) throws IOException, InterruptedException {
        var held = api.configMap(place.namespace(), place.name());
        if (held.isPresent() && text.equals(held.get().data().get(place.key()))) {
            return;
        }
        if (held.isPresent()) {
            api.put(place.namespace(), place.name(), held.get().version(), place.key(), text);
        } else {
            api.create(place.namespace(), place.name(), place.key(), text);
        }
        log.atInfo().addKeyValue("config_map", place).log("the bundle is written");
    }

    private String text(Published now) {
        return switch (place.form()) {
            case PEM -> Pem.certificates(Trusted.certificates(now.authorities()));
            case JWKS -> document(now).toWholeJwks();
            case SPIFFE -> document(now).toJson();
        };
    }

    private TrustBundle document(Published now) {
        return PublishedBundle.of(trustDomain, now, place.refreshHint());
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
