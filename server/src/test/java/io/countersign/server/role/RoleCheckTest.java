// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.role;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.launch.audit.AuditSettings;
import io.countersign.launch.audit.AuditSettings.Sync;
import io.countersign.server.Refused;
import io.countersign.server.Request;
import io.countersign.server.TestConfig;
import io.countersign.server.TestServer;
import io.countersign.server.config.IdPrefix;
import io.countersign.server.config.RoleSettings;
import io.countersign.server.config.RoleSettings.Local;
import io.countersign.server.config.RoleSettings.Mode;
import io.countersign.server.config.RoleSettings.Role;
import io.countersign.server.config.ServerConfig.Oversight;
import io.countersign.server.config.Verb;
import io.countersign.server.wire.Ids;
import io.countersign.serverapi.agent.AgentGrpc;
import io.countersign.serverapi.agent.BanAgentRequest;
import io.countersign.serverapi.agent.CountAgentsRequest;
import io.countersign.serverapi.agent.CreateJoinTokenRequest;
import io.countersign.serverapi.agent.GetAgentRequest;
import io.countersign.serverapi.agent.ListAgentsRequest;
import io.countersign.serverapi.bundle.AppendBundleRequest;
import io.countersign.serverapi.bundle.BundleGrpc;
import io.countersign.serverapi.bundle.CountBundlesRequest;
import io.countersign.serverapi.bundle.GetBundleRequest;
import io.countersign.serverapi.entry.BatchCreateEntryRequest;
import io.countersign.serverapi.entry.BatchDeleteEntryRequest;
import io.countersign.serverapi.entry.BatchUpdateEntryRequest;
import io.countersign.serverapi.entry.CountEntriesRequest;
import io.countersign.serverapi.entry.EntryGrpc;
import io.countersign.serverapi.entry.EntryGrpc.EntryBlockingStub;
import io.countersign.serverapi.entry.GetEntryRequest;
import io.countersign.serverapi.entry.ListEntriesRequest;
import io.countersign.serverapi.svid.MintJWTSVIDRequest;
import io.countersign.serverapi.svid.MintX509SVIDRequest;
import io.countersign.serverapi.svid.SVIDGrpc;
import io.countersign.serverapi.types.Entry;
import io.countersign.serverapi.types.EntryMask;
import io.countersign.serverapi.types.Status;
import io.countersign.spiffe.SpiffeId;
import io.countersign.spiffe.x509.X509Svid;
import io.grpc.Status.Code;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthGrpc;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What administrators with roles, and local programs, may do. */
@Timeout(60)
class RoleCheckTest {
    private static final SpiffeId WEB = TestConfig.id("/ops/web");
    private static final SpiffeId OTHER = TestConfig.id("/ops/other");
    private static final SpiffeId NODE = TestConfig.id("/nodes/one");

    @TempDir
    Path folder;

    private Optional<TestServer> running = Optional.empty();

    @AfterEach
    void close() {
        running.ifPresent(TestServer::close);
    }

    /** Those who are minted come from a server without roles before, over the same files. */
    private TestServer start(Mode mode, Local local, Role... roles) throws IOException {
        running.ifPresent(TestServer::close);
        var audit = new AuditSettings(folder.resolve("audit.jsonl"), 1 << 20, 0, Sync.KERNEL);
        var oversight = new Oversight(
                Optional.of(audit), Optional.of(new RoleSettings(mode, local, List.of(roles))), Optional.empty());
        running = Optional.of(TestServer.start(
                folder, config -> TestConfig.oversight(TestConfig.admins(config, WEB, OTHER), oversight)));
        return running.get();
    }

    private static Role role(Set<SpiffeId> members, Set<Integer> uids, Set<Verb> verbs, String ids, String parents) {
        return new Role("team", members, uids, Set.of(), verbs, prefixes(ids), prefixes(parents));
    }

    private static List<IdPrefix> prefixes(String path) {
        return path.isEmpty() ? List.of() : List.of(new IdPrefix(TestConfig.id(path)));
    }

    private static Role webRole(Verb... verbs) {
        return role(Set.of(WEB), Set.of(), Set.of(verbs), "/web", "/nodes");
    }

    private static EntryBlockingStub entries(TestServer server, X509Svid as) {
        return TestServer.waiting(EntryGrpc.newBlockingStub(server.as(as)));
    }

    private static Entry.Builder entry(String id) {
        return TestServer.entry(NODE, TestConfig.id(id), "unix:uid:1");
    }

    private static List<Code> codes(List<Status> statuses) {
        return statuses.stream()
                .map(status -> io.grpc.Status.fromCodeValue(status.getCode()).getCode())
                .toList();
    }

    private static List<Status> create(EntryBlockingStub entries, Entry.Builder... wanted) {
        var request = BatchCreateEntryRequest.newBuilder();
        for (var entry : wanted) {
            request.addEntries(entry);
        }
        return entries.batchCreateEntry(request.build()).getResultsList().stream()
                .map(io.countersign.serverapi.entry.BatchCreateEntryResponse.Result::getStatus)
                .toList();
    }

    @Test
    void entriesAreMadeBelowThePrefixesOnlyItemByItem() throws Exception {
        var server = start(Mode.ENFORCE, Local.ALL, webRole(Verb.ENTRY_CREATE));
        var entries = entries(server, server.mint(WEB));

        var statuses = create(
                entries,
                entry("/website"),
                entry("/web"),
                entry("/db"),
                entry("/web/eu"),
                TestServer.entry(TestConfig.id("/elsewhere"), TestConfig.id("/web/us"), "unix:uid:1"));

        assertEquals(
                List.of(Code.PERMISSION_DENIED, Code.OK, Code.PERMISSION_DENIED, Code.OK, Code.PERMISSION_DENIED),
                codes(statuses));
        assertEquals(
                "authorization denied for method /spire.api.server.entry.v1.Entry/BatchCreateEntry: role team does not "
                        + "allow entry.create of spiffe://example.org/website below spiffe://example.org/nodes/one",
                statuses.getFirst().getMessage());
        assertEquals(
                2,
                server.entries()
                        .countEntries(CountEntriesRequest.getDefaultInstance())
                        .getCount());
        var audit = Files.readString(folder.resolve("audit.jsonl"));
        assertTrue(audit.contains("\"event\":\"entry.create\",\"result\":\"PERMISSION_DENIED\""), audit);
    }

    @Test
    void administratorsAreMadeByThoseWhoMayOnly() throws Exception {
        var server = start(Mode.ENFORCE, Local.ALL, webRole(Verb.ENTRY_CREATE, Verb.ENTRY_UPDATE));
        var privileged = server.create(entry("/web/admin").setAdmin(true));
        var plain = server.create(entry("/web/plain"));
        var entries = entries(server, server.mint(WEB));

        assertEquals(
                List.of(Code.PERMISSION_DENIED, Code.PERMISSION_DENIED),
                codes(create(
                        entries, entry("/web/a").setAdmin(true), entry("/web/b").setDownstream(true))));
        var updates = entries.batchUpdateEntry(BatchUpdateEntryRequest.newBuilder()
                        .addEntries(privileged.toBuilder().setAdmin(false))
                        .addEntries(plain.toBuilder().setAdmin(true))
                        .addEntries(plain.toBuilder().setHint("fine"))
                        .build())
                .getResultsList();
        assertEquals(
                List.of(Code.PERMISSION_DENIED, Code.PERMISSION_DENIED, Code.OK),
                codes(updates.stream()
                        .map(io.countersign.serverapi.entry.BatchUpdateEntryResponse.Result::getStatus)
                        .toList()));
    }

    @Test
    void entriesAreMovedNeitherOutOfThePrefixesNorIntoThem() throws Exception {
        var server = start(Mode.ENFORCE, Local.ALL, webRole(Verb.ENTRY_UPDATE, Verb.ENTRY_DELETE));
        var inside = server.create(entry("/web/in"));
        var outside = server.create(entry("/db/out"));
        var entries = entries(server, server.mint(WEB));

        var idOnly = EntryMask.newBuilder().setSpiffeId(true).build();
        var hintOnly = EntryMask.newBuilder().setHint(true).build();
        assertEquals(
                Code.PERMISSION_DENIED,
                update(entries, inside.toBuilder().setSpiffeId(Ids.message(TestConfig.id("/db/in"))), idOnly));
        assertEquals(
                Code.PERMISSION_DENIED,
                update(entries, outside.toBuilder().setSpiffeId(Ids.message(TestConfig.id("/web/out"))), idOnly));
        assertEquals(
                Code.PERMISSION_DENIED,
                update(entries, Entry.newBuilder().setId(outside.getId()).setHint("x"), hintOnly));
        assertEquals(
                Code.OK,
                update(entries, Entry.newBuilder().setId(inside.getId()).setHint("x"), hintOnly));
        var deleted = entries.batchDeleteEntry(BatchDeleteEntryRequest.newBuilder()
                        .addIds(outside.getId())
                        .addIds("unknown")
                        .addIds(inside.getId())
                        .build())
                .getResultsList();
        assertEquals(
                List.of(Code.PERMISSION_DENIED, Code.NOT_FOUND, Code.OK),
                codes(deleted.stream()
                        .map(io.countersign.serverapi.entry.BatchDeleteEntryResponse.Result::getStatus)
                        .toList()));
        assertEquals(outside.getId(), deleted.getFirst().getId());
    }

    private static Code update(EntryBlockingStub entries, Entry.Builder entry, EntryMask mask) {
        var result = entries.batchUpdateEntry(BatchUpdateEntryRequest.newBuilder()
                        .addEntries(entry)
                        .setInputMask(mask)
                        .build())
                .getResults(0);
        return io.grpc.Status.fromCodeValue(result.getStatus().getCode()).getCode();
    }

    @Test
    void whatLiesOutsideIsNotSeen() throws Exception {
        var server = start(Mode.ENFORCE, Local.ALL, webRole(Verb.ENTRY_READ));
        var inside = server.create(entry("/web/in"));
        var outside = server.create(entry("/db/out"));
        var entries = entries(server, server.mint(WEB));

        var listed = entries.listEntries(ListEntriesRequest.newBuilder()
                .setOutputMask(EntryMask.getDefaultInstance())
                .build());
        assertEquals(
                List.of(inside.getId()),
                listed.getEntriesList().stream().map(Entry::getId).toList());
        assertEquals(
                inside.getId(),
                entries.getEntry(GetEntryRequest.newBuilder()
                                .setId(inside.getId())
                                .build())
                        .getId());
        Refused.with(
                Code.PERMISSION_DENIED,
                () -> entries.getEntry(
                        GetEntryRequest.newBuilder().setId(outside.getId()).build()));
        // how many there are is no affair of one who may not see them
        Refused.with(Code.PERMISSION_DENIED, () -> entries.countEntries(CountEntriesRequest.getDefaultInstance()));
    }

    @Test
    void agentsAreLimitedByTheParentPrefixes() throws Exception {
        var role = role(
                Set.of(WEB),
                Set.of(),
                Set.of(Verb.AGENT_READ, Verb.AGENT_BAN, Verb.TOKEN_CREATE),
                "/web",
                "/spire/agent/join_token/ours");
        var server = start(Mode.ENFORCE, Local.ALL, role);
        var agents = TestServer.waiting(AgentGrpc.newBlockingStub(server.as(server.mint(WEB))));
        var other = server.join();
        var token = server.agents()
                .createJoinToken(CreateJoinTokenRequest.newBuilder()
                        .setTtl(60)
                        .setToken("ours")
                        .build());
        var own = server.join(token.getValue());

        var listed = agents.listAgents(ListAgentsRequest.getDefaultInstance());
        assertEquals(1, listed.getAgentsCount());
        assertEquals(own.id().path(), listed.getAgents(0).getId().getPath());
        Refused.with(
                Code.PERMISSION_DENIED,
                () -> agents.getAgent(GetAgentRequest.newBuilder()
                        .setId(Ids.message(other.id()))
                        .build()));
        Refused.with(
                Code.PERMISSION_DENIED,
                () -> agents.banAgent(BanAgentRequest.newBuilder()
                        .setId(Ids.message(other.id()))
                        .build()));
        var _ = agents.banAgent(
                BanAgentRequest.newBuilder().setId(Ids.message(own.id())).build());
        // whoever comes with a new token is not below that one agent
        Refused.with(
                Code.PERMISSION_DENIED,
                () -> agents.createJoinToken(
                        CreateJoinTokenRequest.newBuilder().setTtl(60).build()));
    }

    @Test
    void identitiesAreMintedBelowThePrefixOnly() throws Exception {
        var role = role(Set.of(WEB), Set.of(), Set.of(Verb.MINT_X509, Verb.MINT_JWT), "/web", "");
        var server = start(Mode.ENFORCE, Local.ALL, role);
        var svids = TestServer.waiting(SVIDGrpc.newBlockingStub(server.as(server.mint(WEB))));

        var _ = svids.mintX509SVID(minting("spiffe://example.org/web/a"));
        Refused.with(Code.PERMISSION_DENIED, () -> svids.mintX509SVID(minting("spiffe://example.org/webs")));
        Refused.with(
                Code.PERMISSION_DENIED,
                () -> svids.mintJWTSVID(MintJWTSVIDRequest.newBuilder()
                        .setId(Ids.message(TestConfig.id("/db")))
                        .addAudience("a")
                        .build()));
        Refused.with(Code.INVALID_ARGUMENT, () -> svids.mintX509SVID(MintX509SVIDRequest.getDefaultInstance()));
    }

    private static MintX509SVIDRequest minting(String uri) {
        return MintX509SVIDRequest.newBuilder()
                .setCsr(Request.uris("", uri).der())
                .build();
    }

    @Test
    void anAdministratorWithoutARoleHasNothingAndAVerbThatIsNotThereIsRefused() throws Exception {
        var server = start(Mode.ENFORCE, Local.ALL, webRole(Verb.BUNDLE_READ));
        var other = BundleGrpc.newBlockingStub(server.as(server.mint(OTHER)));
        var web = BundleGrpc.newBlockingStub(server.as(server.mint(WEB)));

        assertEquals(
                "authorization denied for method /spire.api.server.bundle.v1.Bundle/CountBundles: no role of this "
                        + "caller allows bundle.read",
                Refused.with(
                        Code.PERMISSION_DENIED,
                        () -> TestServer.waiting(other).countBundles(CountBundlesRequest.getDefaultInstance())));
        // this one is for anyone
        var _ = TestServer.waiting(other).getBundle(GetBundleRequest.getDefaultInstance());
        assertEquals(
                1,
                TestServer.waiting(web)
                        .countBundles(CountBundlesRequest.getDefaultInstance())
                        .getCount());
        Refused.with(
                Code.PERMISSION_DENIED,
                () -> TestServer.waiting(web).appendBundle(AppendBundleRequest.getDefaultInstance()));
    }

    @Test
    void theLocalSocketCanBeForReadingOnly() throws Exception {
        var server = start(Mode.ENFORCE, Local.READ_ONLY);

        assertEquals(List.of(Code.PERMISSION_DENIED), codes(create(server.entries(), entry("/web"))));
        assertEquals(
                0,
                server.entries()
                        .countEntries(CountEntriesRequest.getDefaultInstance())
                        .getCount());
        Refused.with(Code.PERMISSION_DENIED, () -> server.svids().mintX509SVID(minting("spiffe://example.org/web")));
    }

    @Test
    void theLocalSocketCanBeForRolesOnly() throws Exception {
        var server =
                start(Mode.ENFORCE, Local.ROLES, role(Set.of(), Set.of(uid()), Set.of(Verb.ENTRY_CREATE), "/web", ""));

        assertEquals(
                List.of(Code.OK, Code.PERMISSION_DENIED), codes(create(server.entries(), entry("/web"), entry("/db"))));
        Refused.with(
                Code.PERMISSION_DENIED, () -> server.agents().countAgents(CountAgentsRequest.getDefaultInstance()));
        var health = TestServer.waiting(HealthGrpc.newBlockingStub(server.local()));
        var _ = health.check(HealthCheckRequest.getDefaultInstance());

        var closed =
                start(Mode.ENFORCE, Local.ROLES, role(Set.of(), Set.of(uid() + 1), Set.of(Verb.ENTRY_CREATE), "", ""));
        assertEquals(List.of(Code.PERMISSION_DENIED), codes(create(closed.entries(), entry("/web/x"))));
    }

    private int uid() throws IOException {
        return (Integer) Files.getAttribute(folder, "unix:uid");
    }

    @Test
    void aDryRunRefusesNothingAndTellsWhatItWould() throws Exception {
        var server = start(Mode.DRY_RUN, Local.ALL, webRole(Verb.ENTRY_CREATE));
        var entries = entries(server, server.mint(WEB));

        assertEquals(List.of(Code.OK, Code.OK), codes(create(entries, entry("/db"), entry("/web"))));
        assertEquals(
                2,
                entries.countEntries(CountEntriesRequest.getDefaultInstance()).getCount());

        var told = Files.readAllLines(folder.resolve("audit.jsonl")).stream()
                .filter(line -> line.contains("\"WOULD_REFUSE\""))
                .toList();
        assertEquals(2, told.size(), told::toString);
        assertTrue(told.getFirst().contains("does not allow entry.create of spiffe://example.org/db"));
        assertTrue(told.getLast().contains("does not allow entry.read of everything"));
    }

    @Test
    void aRefusalDoesNotSayAJoinToken() throws Exception {
        var server = start(Mode.ENFORCE, Local.ROLES);
        var parent = TestConfig.id("/spire/agent/join_token/not-used-yet");

        var refused = create(server.entries(), TestServer.entry(parent, TestConfig.id("/web"), "unix:uid:1"))
                .getFirst();

        assertEquals(Code.PERMISSION_DENIED.value(), refused.getCode());
        assertTrue(refused.getMessage().contains("/spire/agent/join_token/sha256:"), refused::getMessage);
    }
}
