// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.sidecar;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.JsonParser;
import com.google.protobuf.ByteString;
import io.countersign.it.process.Await;
import io.countersign.it.process.Daemon;
import io.countersign.it.process.Side;
import io.countersign.it.process.Side.Part;
import io.countersign.rpc.RpcChannels;
import io.countersign.serverapi.agent.AgentGrpc;
import io.countersign.serverapi.agent.CreateJoinTokenRequest;
import io.countersign.serverapi.bundle.BatchSetFederatedBundleRequest;
import io.countersign.serverapi.bundle.BundleGrpc;
import io.countersign.serverapi.bundle.GetBundleRequest;
import io.countersign.serverapi.entry.BatchCreateEntryRequest;
import io.countersign.serverapi.entry.BatchUpdateEntryRequest;
import io.countersign.serverapi.entry.EntryGrpc;
import io.countersign.serverapi.svid.MintX509SVIDRequest;
import io.countersign.serverapi.svid.SVIDGrpc;
import io.countersign.serverapi.types.Bundle;
import io.countersign.serverapi.types.Entry;
import io.countersign.serverapi.types.EntryMask;
import io.countersign.serverapi.types.SPIFFEID;
import io.countersign.serverapi.types.Selector;
import io.countersign.spiffe.x509.Der;
import io.countersign.spiffe.x509.Pem;
import io.grpc.ManagedChannel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.PrivateKey;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A server with an agent, both ours, whose identities go to programs of this test's own user; and foreign authorities. */
final class Ground implements AutoCloseable {
    static final String DOMAIN = "example.org";
    static final String BACKEND = "spiffe://example.org/backend";
    static final String FRONTEND = "spiffe://example.org/frontend";
    /** Another trust domain, with which all identities federate. */
    static final String PARTNER = "partner.test";

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    final Path folder;
    /** Of nobody that the server knows, though it uses the server's trust domain. */
    final Authority stranger = Authority.unknown();
    /** The server's own, for certificates that it would never sign. */
    final Authority own;
    /** That of the other trust domain. */
    final Authority partner;

    private final Closing closing = new Closing();
    private final Map<String, Entry> entries = new HashMap<>();
    /** To the server. */
    final ManagedChannel admin;

    private Ground(Path folder) throws Exception {
        this.folder = folder;
        int port = Ports.free();
        admin = RpcChannels.unix(folder.resolve("server.sock"));
        closing.add(admin::shutdownNow);
        try {
            start(Part.SERVER, serverConfig(port), folder.resolve("server.sock"));
            var bundle = bundle();
            Files.writeString(folder.resolve("bundle.pem"), Pem.certificates(bundle));
            own = Authority.of(key("x509-CA-A"), bundle.getFirst());
            partner = federate();
            Files.writeString(folder.resolve("token"), token());
            // before the agent, so that nobody waits until it hears of them
            for (var id : List.of(BACKEND, FRONTEND)) {
                entries.put(id, register(id));
            }
            start(Part.AGENT, agentConfig(port), agentSocket());
        } catch (Exception | AssertionError e) {
            close();
            throw e;
        }
    }

    private void start(Part part, String config, Path socket) throws Exception {
        var file = Files.writeString(folder.resolve(part.ours() + ".conf"), config);
        closing.add(Daemon.startReady(
                folder.resolve(part.ours() + ".log"),
                Side.OURS.command(part, List.of("run", "-config", file.toString())),
                () -> Files.exists(socket)));
    }

    static Ground build() throws Exception {
        var folder = Files.createTempDirectory("csd");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
        return new Ground(folder);
    }

    private String serverConfig(int port) {
        return """
                server {
                  trust_domain = "%1$s"
                  bind_address = "127.0.0.1"
                  bind_port = "%2$d"
                  socket_path = "%3$s/server.sock"
                  data_dir = "%3$s/server"
                  default_x509_svid_ttl = "1h"
                  ca_ttl = "24h"
                }
                plugins {
                  DataStore "sql" { plugin_data { database_type = "sqlite3" connection_string = "%3$s/server.sqlite3" } }
                  KeyManager "disk" { plugin_data { keys_path = "%3$s/keys.json" } }
                  NodeAttestor "join_token" { plugin_data {} }
                }
                """.formatted(DOMAIN, port, folder);
    }

    private String agentConfig(int port) {
        return """
                agent {
                  trust_domain = "%1$s"
                  server_address = "127.0.0.1"
                  server_port = "%2$d"
                  socket_path = "%3$s"
                  trust_bundle_path = "%4$s/bundle.pem"
                  join_token_file = "%4$s/token"
                  data_dir = "%4$s/agent"
                }
                plugins {
                  KeyManager "disk" { plugin_data { directory = "%4$s/agent" } }
                  NodeAttestor "join_token" { plugin_data {} }
                  WorkloadAttestor "unix" { plugin_data {} }
                }
                """.formatted(DOMAIN, port, agentSocket(), folder);
    }

    Path agentSocket() {
        return folder.resolve("agent.sock");
    }

    List<X509Certificate> bundle() {
        return BundleGrpc.newBlockingStub(admin)
                .getBundle(GetBundleRequest.getDefaultInstance())
                .getX509AuthoritiesList()
                .stream()
                .flatMap(authority -> Der.parseCertificates(authority.getAsn1().toByteArray()).stream())
                .toList();
    }

    private Authority federate() throws CertificateEncodingException {
        var root = Authority.root(PARTNER);
        var certificate = root.chain().getFirst();
        var result = BundleGrpc.newBlockingStub(admin)
                .batchSetFederatedBundle(BatchSetFederatedBundleRequest.newBuilder()
                        .addBundle(Bundle.newBuilder()
                                .setTrustDomain(PARTNER)
                                .addX509Authorities(io.countersign.serverapi.types.X509Certificate.newBuilder()
                                        .setAsn1(ByteString.copyFrom(certificate.getEncoded()))))
                        .build())
                .getResults(0);
        assertEquals(0, result.getStatus().getCode(), result::toString);
        return Authority.of(root.key(), certificate);
    }

    /** One of the server's, from its own file. */
    PrivateKey key(String id) throws IOException {
        var keys = JsonParser.parseString(Files.readString(folder.resolve("keys.json")))
                .getAsJsonObject()
                .getAsJsonObject("keys");
        return Der.parsePkcs8(Base64.getDecoder().decode(keys.get(id).getAsString()));
    }

    private String token() {
        return AgentGrpc.newBlockingStub(admin)
                .createJoinToken(CreateJoinTokenRequest.newBuilder()
                        .setTtl(600)
                        .setAgentId(id("spiffe://example.org/node"))
                        .build())
                .getValue();
    }

    /** The one that gives this test's user the identity. */
    Entry entry(String id) {
        return Optional.ofNullable(entries.get(id)).orElseThrow();
    }

    private Entry register(String id) {
        var entry = Entry.newBuilder()
                .setSpiffeId(id(id))
                .setParentId(id("spiffe://example.org/node"))
                .addFederatesWith(PARTNER)
                .addSelectors(Selector.newBuilder().setType("unix").setValue("uid:0"));
        var result = EntryGrpc.newBlockingStub(admin)
                .batchCreateEntry(
                        BatchCreateEntryRequest.newBuilder().addEntries(entry).build())
                .getResults(0);
        assertEquals(0, result.getStatus().getCode(), result::toString);
        return result.getEntry();
    }

    /** Has the identity issued anew, since it gets another DNS name. */
    void rotate(Entry entry, String dnsName) {
        var result = EntryGrpc.newBlockingStub(admin)
                .batchUpdateEntry(BatchUpdateEntryRequest.newBuilder()
                        .addEntries(Entry.newBuilder().setId(entry.getId()).addDnsNames(dnsName))
                        .setInputMask(EntryMask.newBuilder().setDnsNames(true))
                        .build())
                .getResults(0);
        assertEquals(0, result.getStatus().getCode(), result::toString);
    }

    /** A certificate of the server's authority. */
    Credential mint(Duration life, String... names) {
        var keys = Authority.keys();
        var svid = SVIDGrpc.newBlockingStub(admin)
                .mintX509SVID(MintX509SVIDRequest.newBuilder()
                        .setCsr(ByteString.copyFrom(Authority.request(keys, List.of(names))))
                        .setTtl((int) life.toSeconds())
                        .build())
                .getSvid();
        var chain = new ArrayList<X509Certificate>();
        svid.getCertChainList().forEach(der -> chain.addAll(Der.parseCertificates(der.toByteArray())));
        return new Credential(List.copyOf(chain), keys.getPrivate());
    }

    Credential mint(String... names) {
        return mint(Duration.ofHours(1), names);
    }

    /** One that was good a moment ago. */
    Credential mintExpired(String id) {
        var credential = mint(Duration.ofSeconds(1), id);
        Await.until(
                PATIENCE,
                "the certificate does not expire",
                () -> credential.chain().getFirst().getNotAfter().toInstant().isBefore(Instant.now()));
        return credential;
    }

    static SPIFFEID id(String uri) {
        var rest = uri.substring("spiffe://".length());
        int slash = rest.indexOf('/');
        return SPIFFEID.newBuilder()
                .setTrustDomain(rest.substring(0, slash))
                .setPath(rest.substring(slash))
                .build();
    }

    @Override
    public void close() throws Exception {
        closing.close();
        new ProcessBuilder("rm", "-rf", folder.toString()).start().waitFor();
    }
}
