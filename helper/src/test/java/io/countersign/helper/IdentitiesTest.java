// SPDX-License-Identifier: Apache-2.0
package io.countersign.helper;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.spiffe.x509.Pem;
import io.countersign.spiffe.x509.X509Svid;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several identities, forms of files that the original does not write, and who is told. */
final class IdentitiesTest {
    @TempDir
    private Path folder;

    private String conf(String text) {
        return "agent_address = \"%1$s/agent.sock\"\ncert_dir = \"%1$s\"\n".formatted(folder) + text;
    }

    private static X509Svid combined(Path file) throws IOException {
        var bytes = Files.readAllBytes(file);
        return X509Svid.parse(bytes, bytes);
    }

    @Test
    void eachIdentityHasItsFolder() throws Exception {
        Files.createDirectory(folder.resolve("web"));
        Files.createDirectory(folder.resolve("db"));
        try (var agent = new TestAgent(folder.resolve("agent.sock"))) {
            agent.issue("one", "two", "three");
            try (var daemon = Daemon.start(conf("""
                    countersign {
                      together = true
                      identities = [
                        { hint = "two", folder = "web", combined_file_name = "all.pem" },
                        { spiffe_id = "%s", folder = "db", combined_file_name = "all.pem" },
                      ]
                    }
                    """.formatted(agent.id(2))))) {
                daemon.awaitReady(true);

                assertEquals(
                        agent.id(1), combined(folder.resolve("web/all.pem")).id());
                assertEquals(agent.id(2), combined(folder.resolve("db/all.pem")).id());
                assertTrue(daemon.check().isGood(), () -> daemon.check().text());
                var status = daemon.get("/ready").body();
                assertTrue(status.contains("\"" + folder + "/web\":{\"write_status\":\"written\""), status);
            }
        }
    }

    @Test
    void oneIdentityThatIsAwayLeavesTheOthersAlone() throws Exception {
        Files.createDirectory(folder.resolve("web"));
        Files.createDirectory(folder.resolve("db"));
        try (var agent = new TestAgent(folder.resolve("agent.sock"))) {
            agent.issue("one");
            try (var daemon = Daemon.start(conf("""
                    countersign {
                      identities { hint = "one"  folder = "web"  combined_file_name = "all.pem" }
                      identities { hint = "none" folder = "db"   combined_file_name = "all.pem" }
                    }
                    """))) {
                daemon.awaitLive(false);
                Eventually.holds(
                        "the first",
                        () -> combined(folder.resolve("web/all.pem")).id().equals(agent.id(0)));

                assertFalse(Files.exists(folder.resolve("db/all.pem")));
            }
        }
    }

    @Test
    void keyStoreHoldsKeyChainAndAuthorities() throws Exception {
        Files.writeString(folder.resolve("password"), "open sesame\n");
        try (var agent = new TestAgent(folder.resolve("agent.sock"))) {
            var leaf = agent.issue();
            try (var daemon = Daemon.start(conf("""
                    countersign {
                      pkcs12_file_name = "store.p12"
                      pkcs12_password_file = "%s/password"
                      pkcs12_alias = "user"
                    }
                    """.formatted(folder)))) {
                daemon.awaitReady(true);

                var store = KeyStore.getInstance(folder.resolve("store.p12").toFile(), "open sesame".toCharArray());
                var chain = List.of(store.getCertificateChain("user"));
                assertEquals(leaf, chain.getFirst());
                var svid = new X509Svid(
                        agent.id(0),
                        List.of((X509Certificate) chain.getFirst()),
                        (PrivateKey) store.getKey("user", "open sesame".toCharArray()),
                        "");
                assertEquals(leaf, svid.leaf());
                assertEquals(agent.authority(), store.getCertificate("authority-1"));
                assertTrue(daemon.check().isGood(), () -> daemon.check().text());
            }
        }
    }

    @Test
    void eachTrustDomainHasItsFileAndGoesWithItsBundle() throws Exception {
        try (var agent = new TestAgent(folder.resolve("agent.sock"))) {
            agent.issue();
            try (var daemon = Daemon.start(conf("""
                    countersign {
                      together = true
                      combined_file_name = "all.pem"
                      bundle_folder = "trust"
                    }
                    """))) {
                daemon.awaitReady(true);

                assertEquals(List.of(agent.authority()), certificates("trust/example.org.pem"));
                assertEquals(List.of(agent.foreignAuthority()), certificates("trust/abroad.org.pem"));
                assertTrue(daemon.check().isGood(), () -> daemon.check().text());

                agent.federate(false);
                agent.issue();

                Eventually.holds(
                        "the foreign bundle is gone", () -> !Files.exists(folder.resolve("trust/abroad.org.pem")));
                assertEquals(List.of(agent.authority()), certificates("trust/example.org.pem"));
            }
        }
    }

    private List<X509Certificate> certificates(String file) throws IOException {
        return Pem.parseCertificates(Files.readAllBytes(folder.resolve(file)));
    }

    @Test
    void renewalIsRedUntilTheServerShowsIt() throws Exception {
        try (var agent = new TestAgent(folder.resolve("agent.sock"));
                var server = TlsServer.start(TlsServer.svid(), false)) {
            agent.issue();
            try (var daemon = Daemon.start(conf("""
                    countersign {
                      together = true
                      combined_file_name = "all.pem"
                      notify { command = ["sh", "-c", "echo told >> %s/told"] }
                      proven_by { address = "127.0.0.1:%d"  timeout = "3s" }
                    }
                    """.formatted(folder, server.port())))) {
                daemon.awaitLive(false);
                assertTrue(daemon.get("/live").body().contains("\"notification_status\":\"failed\""));
                // told, and told again, while the server goes on with its old certificate
                Eventually.holds(
                        "told twice",
                        () -> Files.readAllLines(folder.resolve("told")).size() > 1);

                server.show(combined(folder.resolve("all.pem")));

                daemon.awaitReady(true);
                assertTrue(daemon.get("/ready").body().contains("\"notification_status\":\"told\""));
            }
        }
    }

    @Test
    void nothingIsWrittenWhileSomebodyIsTold() throws Exception {
        try (var agent = new TestAgent(folder.resolve("agent.sock"))) {
            var first = agent.issue();
            try (var _ = Daemon.start(conf("""
                    countersign {
                      combined_file_name = "all.pem"
                      notify { command = ["sh", "-c", "touch %1$s/telling; while [ ! -e %1$s/go ]; do sleep 0.02; done"] }
                    }
                    """.formatted(folder)))) {
                Eventually.holds("the command runs", () -> Files.exists(folder.resolve("telling")));

                var second = agent.issue();

                var end = System.nanoTime() + Duration.ofMillis(300).toNanos();
                while (System.nanoTime() < end) {
                    assertEquals(first, combined(folder.resolve("all.pem")).leaf());
                }
                Files.createFile(folder.resolve("go"));
                Eventually.holds(
                        "the second",
                        () -> combined(folder.resolve("all.pem")).leaf().equals(second));
            }
        }
    }
}
