// SPDX-License-Identifier: Apache-2.0
package io.countersign.helper;

import io.countersign.helper.config.HelperConfig;
import io.countersign.helper.delivery.DeliveryException;
import io.countersign.helper.delivery.JwtTokenFile;
import io.countersign.helper.delivery.X509Delivery;
import io.countersign.helper.follow.Pauses;
import io.countersign.spiffe.jwt.JwtSvidException;
import io.countersign.workloadapi.WorkloadApiClient;
import io.countersign.workloadapi.WorkloadApiException;
import io.grpc.Status;
import java.time.Duration;
import java.time.InstantSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes every file once. An agent that does not answer is a failure at once; one that knows no identity yet is asked
 * again, since its entry may be on the way.
 */
final class OneShot {
    private static final Logger log = LoggerFactory.getLogger(OneShot.class);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(10);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);
    private static final String CERTIFICATES = "x509 certificates";
    private static final String BUNDLE = "JWT bundle";
    private static final String TOKENS = "JWT SVIDs";
    /** About as long as the original has patience. */
    private static final Duration PATIENCE = Duration.ofMinutes(80);

    private interface Step {
        void run() throws DeliveryException;
    }

    /** What is said in the end if not all could be written. */
    static final String FAILED = "Error starting spiffe-helper";

    private final HelperConfig config;
    private final InstantSource clock = InstantSource.system();
    private volatile String fetching;

    OneShot(HelperConfig config) {
        this.config = config;
        this.fetching = !config.identities().isEmpty()
                ? CERTIFICATES
                : config.jwtBundle().isPresent() ? BUNDLE : TOKENS;
    }

    /** Whether all is written; a signal that comes first ends the process with exit code 1. */
    boolean run() throws InterruptedException {
        // left to itself the virtual machine would say 128 and the number of the signal
        var stopped = new Thread(this::stopped, "stopping");
        Runtime.getRuntime().addShutdownHook(stopped);
        log.info("Daemon mode disabled");
        new Leftovers(config).clear();
        try (var client = WorkloadApiClient.connect(config.agentAddress())) {
            return writeAll(client);
        } finally {
            Runtime.getRuntime().removeShutdownHook(stopped);
        }
    }

    private void stopped() {
        log.atError().addKeyValue("error", "a signal came first").log("Error fetching {}", fetching);
        log.error(FAILED);
        Runtime.getRuntime().halt(1);
    }

    private boolean writeAll(WorkloadApiClient client) throws InterruptedException {
        for (var identity : config.identities()) {
            var delivery = new X509Delivery(identity.files(), "Successfully fetched " + CERTIFICATES, clock);
            if (!tried(CERTIFICATES, () -> delivery.deliver(client.fetchX509Context()))) {
                return false;
            }
        }
        if (config.jwtBundle().isPresent()) {
            var file = config.jwtBundle().get();
            if (!tried(BUNDLE, () -> file.write(client.fetchJwtBundles()))) {
                return false;
            }
            fetched(BUNDLE);
        }
        boolean all = true;
        for (JwtTokenFile file : config.jwtTokens()) {
            all &= tried(TOKENS, () -> file.renew(client, clock.instant()));
        }
        if (all && !config.jwtTokens().isEmpty()) {
            fetched(TOKENS);
        }
        return all;
    }

    private static void fetched(String what) {
        log.info("Successfully fetched {}", what);
    }

    private boolean tried(String what, Step step) throws InterruptedException {
        fetching = what;
        var pauses = new Pauses(FIRST_PAUSE, LONGEST_PAUSE);
        var end = clock.instant().plus(PATIENCE);
        while (true) {
            try {
                step.run();
                return true;
            } catch (WorkloadApiException e) {
                boolean mayCome = e.code() == Status.Code.PERMISSION_DENIED;
                if (!mayCome || clock.instant().isAfter(end)) {
                    log.atError()
                            .addKeyValue("error", e.words())
                            .addKeyValue("agent_address", config.agentAddress())
                            .log("Error fetching {}", what);
                    return false;
                }
                log.atDebug().addKeyValue("error", e.words()).log("no {} yet, trying again", what);
            } catch (DeliveryException | JwtSvidException e) {
                log.atError().addKeyValue("error", e.getMessage()).log("Error fetching {}", what);
                return false;
            }
            Thread.sleep(pauses.next());
        }
    }
}
