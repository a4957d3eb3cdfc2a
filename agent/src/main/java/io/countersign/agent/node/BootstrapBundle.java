// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.node;

import io.countersign.agent.config.Bootstrap;
import io.countersign.agent.server.Server;
import io.countersign.agent.server.ServerConnection;
import io.countersign.launch.FileFailure;
import io.countersign.launch.web.WebRoots;
import io.countersign.spiffe.bundle.TrustBundle;
import io.countersign.spiffe.x509.Pem;
import io.countersign.workloadapi.WorkloadApiClient;
import io.countersign.workloadapi.WorkloadApiException;
import io.grpc.ManagedChannel;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The bundle by which a server is trusted that nothing is known of yet; asked for anew each time. For one thread. */
final class BootstrapBundle {
    private static final Logger log = LoggerFactory.getLogger(BootstrapBundle.class);
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private final Bootstrap source;
    private final ServerConnection connection;
    private final InstantSource clock;
    private Optional<BundleQuestion> last = Optional.empty();

    BootstrapBundle(Bootstrap source, ServerConnection connection, InstantSource clock) {
        this.source = source;
        this.connection = connection;
        this.clock = clock;
    }

    /** The node is in: what is asked later is about something else. */
    void served() {
        last = Optional.empty();
    }

    /**
     * @param anew whether the server was trusted before, by something else
     * @throws AwayException if the one to ask does not answer
     * @throws IOException if what there is cannot be used
     */
    TrustBundle get(boolean anew) throws IOException, InterruptedException {
        var question = last.filter(before -> before.anew() == anew)
                .map(BundleQuestion::again)
                .orElseGet(() -> BundleQuestion.first(anew, clock.instant()));
        last = Optional.of(question);
        return switch (source) {
            case Bootstrap.PemFile(Path path) -> parsed("trust_bundle_path " + path, read(path), false);
            case Bootstrap.SpiffeFile(Path path) -> parsed("trust_bundle_path " + path, read(path), true);
            case Bootstrap.Url(URI url, boolean spiffe) ->
                parsed("trust_bundle_url " + url, new WebBundle(url, WebRoots.of(System.getenv())).fetch(), spiffe);
            case Bootstrap.LocalUrl(Path socket, URI url, boolean spiffe) ->
                parsed(
                        "trust_bundle_url " + url + " at " + socket,
                        new LocalBundle(socket, question.about(url, connection)).fetch(),
                        spiffe);
            case Bootstrap.WorkloadApi(String address) -> ofWorkloadApi(address);
            case Bootstrap.Insecure() -> ofAnybody();
        };
    }

    private TrustBundle parsed(String where, byte[] document, boolean spiffe) throws IOException {
        try {
            var bundle = spiffe
                    ? TrustBundle.parse(connection.trustDomain(), document)
                    : TrustBundle.ofX509(connection.trustDomain(), Pem.parseCertificates(document));
            if (bundle.x509Authorities().isEmpty()) {
                throw new IllegalArgumentException("no certificates found in trust bundle");
            }
            return bundle;
        } catch (IllegalArgumentException e) {
            throw new IOException(where + " cannot be used: " + e.getMessage(), e);
        }
    }

    private static byte[] read(Path file) throws IOException {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new IOException("trust_bundle_path " + file + " cannot be read: " + FileFailure.words(e), e);
        }
    }

    private TrustBundle ofWorkloadApi(String address) throws AwayException {
        try (var client = WorkloadApiClient.connect(address, PATIENCE)) {
            return Optional.ofNullable(client.fetchX509Bundles().get(connection.trustDomain()))
                    .orElseThrow(() -> new AwayException("trust_bundle_spiffe_workload_api " + address
                            + " has no bundle of \"" + connection.trustDomain() + "\""));
        } catch (WorkloadApiException e) {
            throw new AwayException(
                    "trust_bundle_spiffe_workload_api " + address + " gives no bundle: " + e.getMessage(), e);
        }
    }

    private TrustBundle ofAnybody() {
        log.warn("insecure_bootstrap: whoever answers at {}:{} is believed", connection.host(), connection.port());
        ManagedChannel channel = connection.asStrangerToAnybody();
        try {
            return new Server(channel).bundle(connection.trustDomain()).bundle();
        } finally {
            channel.shutdownNow();
        }
    }
}
