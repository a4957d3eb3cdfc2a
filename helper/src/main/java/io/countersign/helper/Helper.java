// SPDX-License-Identifier: Apache-2.0
package io.countersign.helper;

import io.countersign.helper.config.HelperConfig;
import io.countersign.helper.config.Identity;
import io.countersign.helper.delivery.JwtBundleFile;
import io.countersign.helper.delivery.JwtTokenFile;
import io.countersign.helper.follow.Delivery;
import io.countersign.helper.follow.Follower;
import io.countersign.helper.follow.TokenKeeper;
import io.countersign.helper.health.DiskFiles;
import io.countersign.helper.health.HealthSettings;
import io.countersign.helper.health.IdentityHealth;
import io.countersign.helper.health.NoticeState;
import io.countersign.helper.health.WriteReport;
import io.countersign.helper.health.WriteState;
import io.countersign.helper.notify.Notification;
import io.countersign.helper.notify.Notifier;
import io.countersign.launch.Closing;
import io.countersign.launch.Stopping;
import io.countersign.launch.health.HealthListener;
import io.countersign.spiffe.TrustDomain;
import io.countersign.spiffe.bundle.TrustBundle;
import io.countersign.workloadapi.WorkloadApiClient;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One running helper: everything is made here, in the order in which it comes to life. */
public final class Helper {
    private static final Logger log = LoggerFactory.getLogger(Helper.class);

    private final HelperConfig config;
    private final InstantSource clock = InstantSource.system();
    private final Stopping stopping = new Stopping();
    private final Map<String, IdentityHealth> x509Written = new LinkedHashMap<>();
    private final Map<Path, WriteState> jwtWritten = new HashMap<>();

    public Helper(HelperConfig config) {
        this.config = config;
        config.identities().forEach(identity -> x509Written.put(identity.name(), health(identity)));
        config.jwtBundle().ifPresent(bundle -> jwtWritten.put(bundle.file(), new WriteState()));
        config.jwtTokens().forEach(token -> jwtWritten.put(token.file(), new WriteState()));
    }

    private IdentityHealth health(Identity identity) {
        return new IdentityHealth(
                identity.name(),
                new WriteState(),
                new NoticeState(),
                new DiskFiles(identity.files().files()),
                identity.minValidity(),
                clock);
    }

    /** Ends {@link #run}. */
    public void stop() {
        stopping.stop();
    }

    /** Keeps the files new until a signal comes. An agent that is away or refuses is no reason to end. */
    public void run() throws Exception {
        var closing = new Closing();
        // the last to be closed; once everything is, the process may be gone before another word
        closing.add(() -> log.info("Exiting"));
        try {
            new Leftovers(config).clear();
            log.atInfo().addKeyValue("agent_address", config.agentAddress()).log("following the agent");
            config.health().ifPresent(settings -> listen(settings, closing));
            var client = closing.add(WorkloadApiClient.connect(config.agentAddress()));
            config.identities().forEach(identity -> follow(identity, client, closing));
            config.jwtBundle().ifPresent(file -> follow(file, client, closing));
            config.jwtTokens().forEach(file -> keep(file, closing));
            stopping.await(closing);
        } finally {
            closing.close();
        }
    }

    private void follow(Identity identity, WorkloadApiClient client, Closing closing) {
        // whom the original tells is told of the original's identity only
        var notifier = closing.add(new Notifier(
                identity.equals(config.identities().getFirst()) ? config.notification() : Notification.NOBODY));
        var health = Objects.requireNonNull(x509Written.get(identity.name()));
        log.info("Watching for X509 Context");
        closing.add(new Follower<>(
                        new Follower.Subject(
                                "x509 " + identity.name(),
                                "Error while watching x509 context",
                                "Unable to dump bundle"),
                        client::watchX509Context,
                        new Renewal(identity, notifier, health.told(), clock),
                        health.written(),
                        clock)
                .start());
    }

    private void follow(JwtBundleFile file, WorkloadApiClient client, Closing closing) {
        log.info("Watching for JWT Bundles");
        closing.add(new Follower<Map<TrustDomain, TrustBundle>>(
                        new Follower.Subject(
                                "jwt bundles", "Error while watching JWT bundles", "Error writing JWT Bundle to disk"),
                        client::watchJwtBundles,
                        bundles -> {
                            file.write(bundles);
                            log.atInfo().addKeyValue("file", file.file()).log("JWT bundle updated");
                            return Delivery.Result.ENDLESS;
                        },
                        written(file.file()),
                        clock)
                .start());
    }

    private void keep(JwtTokenFile file, Closing closing) {
        closing.add(new TokenKeeper(
                        () -> WorkloadApiClient.connect(config.agentAddress()), file, written(file.file()), clock)
                .start());
    }

    private WriteState written(Path file) {
        return Optional.ofNullable(jwtWritten.get(file)).orElseThrow();
    }

    /** That probes cannot be answered is no reason to withhold the files. */
    private void listen(HealthSettings settings, Closing closing) {
        var report = new WriteReport(List.copyOf(x509Written.values()), jwtWritten, config.ours(), clock);
        log.atInfo().addKeyValue("port", settings.port()).log("Starting health server");
        try {
            closing.add(new HealthListener(
                    new InetSocketAddress(settings.port()),
                    Map.of(settings.livePath(), report::live, settings.readyPath(), report::ready),
                    HttpURLConnection.HTTP_UNAVAILABLE));
        } catch (IOException e) {
            log.atWarn()
                    .addKeyValue("port", settings.port())
                    .addKeyValue("error", e.getMessage())
                    .log("Error serving health checks");
        }
    }
}
