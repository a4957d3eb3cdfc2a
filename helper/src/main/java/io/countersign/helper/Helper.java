// SPDX-License-Identifier: Apache-2.0
package io.countersign.helper;

import io.countersign.helper.config.HelperConfig;
import io.countersign.helper.delivery.AtomicFiles;
import io.countersign.helper.delivery.JwtBundleFile;
import io.countersign.helper.delivery.JwtTokenFile;
import io.countersign.helper.delivery.X509Delivery;
import io.countersign.helper.delivery.X509Files;
import io.countersign.helper.follow.Follower;
import io.countersign.helper.follow.TokenKeeper;
import io.countersign.helper.health.HealthSettings;
import io.countersign.helper.health.WriteReport;
import io.countersign.helper.health.WriteState;
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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One running helper: everything is made here, in the order in which it comes to life. */
public final class Helper {
    private static final Logger log = LoggerFactory.getLogger(Helper.class);

    private final HelperConfig config;
    private final InstantSource clock = InstantSource.system();
    private final Stopping stopping = new Stopping();
    private final Optional<WriteState> x509Written;
    private final Map<Path, WriteState> jwtWritten = new HashMap<>();

    public Helper(HelperConfig config) {
        this.config = config;
        x509Written = config.x509().map(_ -> new WriteState());
        config.jwtBundle().ifPresent(bundle -> jwtWritten.put(bundle.file(), new WriteState()));
        config.jwtTokens().forEach(token -> jwtWritten.put(token.file(), new WriteState()));
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
            log.atInfo().addKeyValue("agent_address", config.agentAddress()).log("following the agent");
            config.health().ifPresent(settings -> listen(settings, closing));
            var client = closing.add(WorkloadApiClient.connect(config.agentAddress()));
            config.x509().ifPresent(files -> follow(files, client, closing));
            config.jwtBundle().ifPresent(file -> follow(file, client, closing));
            config.jwtTokens().forEach(file -> keep(file, closing));
            stopping.await(closing);
        } finally {
            closing.close();
        }
    }

    private void follow(X509Files files, WorkloadApiClient client, Closing closing) {
        var notifier = closing.add(new Notifier(config.notification()));
        var delivery = new X509Delivery(files, "X.509 certificates updated", clock);
        log.info("Watching for X509 Context");
        closing.add(new Follower<>(
                        new Follower.Subject("x509", "Error while watching x509 context", "Unable to dump bundle"),
                        client::watchX509Context,
                        context -> {
                            context.svids()
                                    .forEach(svid -> log.atInfo()
                                            .addKeyValue("spiffe_id", svid.id())
                                            .log("Received update"));
                            var end = delivery.deliver(context);
                            notifier.renewed();
                            return Optional.of(end);
                        },
                        x509Written.orElseThrow(),
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
                            AtomicFiles.write(List.of(file.content(bundles)));
                            log.atInfo().addKeyValue("file", file.file()).log("JWT bundle updated");
                            return Optional.empty();
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
        var report = new WriteReport(x509Written, jwtWritten);
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
