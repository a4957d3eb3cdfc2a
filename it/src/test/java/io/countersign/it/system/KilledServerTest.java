// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.countersign.it.process.Daemon;
import io.countersign.it.process.FreePort;
import io.countersign.it.process.Outcome;
import io.countersign.it.process.Side;
import io.countersign.it.process.Side.Part;
import io.countersign.rpc.RpcChannels;
import io.countersign.serverapi.bundle.BundleGrpc;
import io.countersign.serverapi.bundle.GetBundleRequest;
import io.countersign.serverapi.svid.MintX509SVIDRequest;
import io.countersign.serverapi.svid.SVIDGrpc;
import io.countersign.spiffe.TrustDomain;
import io.countersign.spiffe.bundle.TrustBundle;
import io.countersign.spiffe.x509.Der;
import io.countersign.spiffe.x509.X509SvidValidator;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.ExtensionsGenerator;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A server whose authorities live 30 seconds is killed again and again while it signs: whatever it has issued is covered by
 * the bundle of the next one, and stands in the audit file, whose chain holds.
 */
@Tag("long")
@Timeout(400)
class KilledServerTest {
    private static final TrustDomain DOMAIN = new TrustDomain("killed.test");
    private static final int ROUNDS = 8;
    private static final Duration ROUND = Duration.ofMillis(6700);

    @TempDir
    Path folder;

    private record Issued(List<X509Certificate> chain) {
        boolean isValid(Instant now) {
            return chain.stream().allMatch(one -> one.getNotAfter().toInstant().isAfter(now));
        }

        String serial() {
            return chain.getFirst().getSerialNumber().toString();
        }
    }

    @Test
    void whatAKilledServerHasIssuedIsCoveredAndWrittenDown() throws Exception {
        var config = configuration();
        var csr = csr();
        var all = new ArrayList<Issued>();
        int authorities = 0;
        for (int round = 0; round < ROUNDS; round++) {
            try (var server = Daemon.startReady(
                    folder.resolve("log" + round),
                    Side.OURS.command(Part.SERVER, List.of("run", "-config", config.toString())),
                    () -> bundle().isPresent())) {
                var covering = bundle().orElseThrow();
                authorities = Math.max(authorities, covering.x509Authorities().size());
                for (var issued : all) {
                    var now = Instant.now();
                    if (issued.isValid(now)) {
                        verify(issued, covering, now);
                    }
                }
                CompletableFuture.delayedExecutor(ROUND.toMillis(), TimeUnit.MILLISECONDS)
                        .execute(() -> ProcessHandle.of(server.pid()).ifPresent(ProcessHandle::destroyForcibly));
                all.addAll(mint(csr));
                server.awaitEnd();
            }
        }

        assertTrue(all.size() > 100, () -> all.size() + " were issued");
        assertTrue(authorities > 1, "no authority was replaced meanwhile");
        var verified = Outcome.of(
                Map.of(),
                Side.OURS.command(Part.SERVER, List.of("audit", "verify", folder.resolve("audit.jsonl") + "")));
        // the last one was killed, too: its torn line, if there is one, is the only thing that may be wrong
        assertTrue(verified.code() == 0 || verified.err().contains("is torn"), verified::toString);
        var audit = Files.readString(folder.resolve("audit.jsonl"));
        assertEquals(
                List.of(),
                all.stream()
                        .map(Issued::serial)
                        .filter(serial -> !audit.contains("\"serial\":\"" + serial + "\""))
                        .toList());
    }

    private static void verify(Issued issued, TrustBundle bundle, Instant now) {
        var _ = X509SvidValidator.verify(
                issued.chain(), domain -> domain.equals(DOMAIN) ? Optional.of(bundle) : Optional.empty(), now);
    }

    /** Until nobody answers any more. */
    private List<Issued> mint(ByteString csr) {
        var issued = new ArrayList<Issued>();
        var channel = channel();
        try {
            var svids = SVIDGrpc.newBlockingStub(channel);
            while (true) {
                var chain = svids.withDeadlineAfter(10, TimeUnit.SECONDS)
                        .mintX509SVID(MintX509SVIDRequest.newBuilder()
                                .setCsr(csr)
                                .setTtl(20)
                                .build())
                        .getSvid()
                        .getCertChainList();
                issued.add(new Issued(chain.stream()
                        .flatMap(der -> Der.parseCertificates(der.toByteArray()).stream())
                        .toList()));
            }
        } catch (StatusRuntimeException e) {
            return issued;
        } finally {
            channel.shutdownNow();
        }
    }

    private ManagedChannel channel() {
        return RpcChannels.unix(folder.resolve("api.sock"));
    }

    /** Nothing while nobody answers. */
    private Optional<TrustBundle> bundle() {
        var channel = channel();
        try {
            var bundle = BundleGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(5, TimeUnit.SECONDS)
                    .getBundle(GetBundleRequest.getDefaultInstance());
            return Optional.of(TrustBundle.ofX509(
                    DOMAIN,
                    bundle.getX509AuthoritiesList().stream()
                            .flatMap(one -> Der.parseCertificates(one.getAsn1().toByteArray()).stream())
                            .toList()));
        } catch (StatusRuntimeException e) {
            return Optional.empty();
        } finally {
            channel.shutdownNow();
        }
    }

    private static ByteString csr() throws Exception {
        var generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        var keys = generator.generateKeyPair();
        var names = new ExtensionsGenerator();
        names.addExtension(
                Extension.subjectAlternativeName,
                false,
                new GeneralNames(new GeneralName(GeneralName.uniformResourceIdentifier, DOMAIN.idString() + "/web")));
        var request = new JcaPKCS10CertificationRequestBuilder(new X500Name(""), keys.getPublic())
                .addAttribute(PKCSObjectIdentifiers.pkcs_9_at_extensionRequest, names.generate())
                .build(new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate()));
        return ByteString.copyFrom(request.getEncoded());
    }

    private Path configuration() throws IOException {
        int port = FreePort.find();
        return Files.writeString(folder.resolve("server.conf"), """
                server {
                    bind_address = "127.0.0.1"
                    bind_port = "%d"
                    trust_domain = "%s"
                    data_dir = "%s"
                    socket_path = "%s/api.sock"
                    ca_ttl = "30s"
                    default_x509_svid_ttl = "20s"
                }
                audit { file = "%s/audit.jsonl" }
                plugins {
                    DataStore "sql" {
                        plugin_data { database_type = "sqlite3"  connection_string = "%s/datastore.sqlite3" }
                    }
                    KeyManager "disk" { plugin_data { keys_path = "%s/keys.json" } }
                    NodeAttestor "join_token" { plugin_data {} }
                }
                """.formatted(
                        port, DOMAIN.name(), folder, folder, folder, folder, folder));
    }
}
