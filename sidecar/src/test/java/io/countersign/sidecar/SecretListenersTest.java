// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.sdsapi.discovery.DiscoveryRequest;
import io.countersign.sidecar.bootstrap.BootstrapFile;
import io.countersign.sidecar.bootstrap.BootstrapFile.NodeOverride;
import io.countersign.sidecar.sds.Secrets;
import io.countersign.sidecar.stats.Stats;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Secrets of which somebody is told who fails. */
@Timeout(60)
class SecretListenersTest {
    @TempDir
    Path folder;

    private static Secrets secrets(String yaml) {
        return new Secrets(BootstrapFile.parse(yaml, "test.yaml", NodeOverride.NONE), new Stats());
    }

    /** How often those are told who stand behind the ones that fail. */
    private static AtomicInteger follow(Secrets secrets) {
        var told = new AtomicInteger();
        secrets.all().forEach(source -> {
            source.onChange(() -> {
                throw new IllegalStateException("meant to fail");
            });
            source.onChange(() -> {
                throw new IllegalArgumentException("meant to fail");
            });
            source.onChange(told::incrementAndGet);
        });
        return told;
    }

    @Test
    void othersAreToldOfWhatAnAgentSendsAndOfTheNext() throws Exception {
        try (var hop = new Hop(folder, Hop::echoHeaders)) {
            var agent = hop.agent("a", Hop.BACKEND);
            try (var secrets = secrets(hop.backendFile("a"))) {
                var told = follow(secrets);
                secrets.start();
                Hop.await("both secrets", () -> told.get() == 2);

                agent.identity(hop.authority.issue(Hop.BACKEND));

                Hop.await("the next identity", () -> told.get() == 3);
                assertTrue(agent.requests.stream().noneMatch(DiscoveryRequest::hasErrorDetail));
            }
        }
    }

    @Test
    void othersAreToldOfWhatIsInAFileAndOfTheNext() throws Exception {
        var bundle = Files.writeString(folder.resolve("bundle.pem"), new TestAuthority().pem());
        var socket = """
                transport_socket:
                      name: tls
                      typed_config:
                        "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext
                        common_tls_context:
                          validation_context:
                            trusted_ca: {filename: %s}
                            match_typed_subject_alt_names: [{san_type: URI, matcher: {exact: "%s"}}]""".formatted(bundle, Hop.BACKEND);
        try (var secrets = secrets(PlainFile.of("", socket, 1))) {
            var told = follow(secrets);
            secrets.start();
            secrets.awaitFirst();
            Hop.await("the bundle", () -> told.get() == 1);

            Files.writeString(bundle, new TestAuthority().pem());

            Hop.await("the next bundle", () -> told.get() == 2);
        }
    }
}
