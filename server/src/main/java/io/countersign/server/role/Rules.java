// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.role;

import io.countersign.datastore.entry.RegistrationEntry;
import io.countersign.server.config.Verb;
import io.countersign.server.role.Need.Target;
import io.countersign.server.svid.SigningRequest;
import io.countersign.server.wire.Ids;
import io.countersign.serverapi.agent.BanAgentRequest;
import io.countersign.serverapi.agent.CreateJoinTokenRequest;
import io.countersign.serverapi.agent.DeleteAgentRequest;
import io.countersign.serverapi.agent.GetAgentRequest;
import io.countersign.serverapi.entry.BatchUpdateEntryRequest;
import io.countersign.serverapi.entry.GetEntryRequest;
import io.countersign.serverapi.svid.MintJWTSVIDRequest;
import io.countersign.serverapi.svid.MintX509SVIDRequest;
import io.countersign.serverapi.types.Agent;
import io.countersign.serverapi.types.Entry;
import io.countersign.serverapi.types.EntryMask;
import io.countersign.serverapi.types.SPIFFEID;
import io.countersign.spiffe.SpiffeId;
import io.countersign.spiffe.TrustDomain;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * The table of what each method for administrators and local programs needs. A malformed ID is no target: the method itself
 * refuses it. What is asked about an entry is decided by how it is stored and by what it is to become.
 */
final class Rules {
    private static final String AGENT = "spire.api.server.agent.v1.Agent/";
    private static final String ENTRY = "spire.api.server.entry.v1.Entry/";
    private static final String SVID = "spire.api.server.svid.v1.SVID/";

    private final TrustDomain trustDomain;
    private final Function<String, Optional<RegistrationEntry>> stored;
    private final Map<String, Rule> methods = new HashMap<>();

    /** @param stored an entry by its id */
    Rules(TrustDomain trustDomain, Function<String, Optional<RegistrationEntry>> stored) {
        this.trustDomain = trustDomain;
        this.stored = stored;
        addEntries();
        addAgents();
        addMinting();
        PlainRules.addTo(methods);
    }

    /** Nothing for a method that no role can allow. */
    Optional<Rule> of(String method) {
        return Optional.ofNullable(methods.get(method));
    }

    private void addEntries() {
        methods.put(ENTRY + "CountEntries", new Rule.Whole(any -> List.of(Need.everything(Verb.ENTRY_READ))));
        methods.put(
                ENTRY + "ListEntries",
                new Rule.Listing(
                        Need.plain(Verb.ENTRY_READ),
                        "entries",
                        // its mask may have taken everything but the id from what is shown
                        item -> storedNeeds(Verb.ENTRY_READ, ((Entry) item).getId())));
        methods.put(
                ENTRY + "GetEntry",
                new Rule.Whole(request -> storedNeeds(Verb.ENTRY_READ, ((GetEntryRequest) request).getId())));
        methods.put(ENTRY + "BatchCreateEntry", new Rule.Items("entries", (request, item) -> created((Entry) item)));
        methods.put(
                ENTRY + "BatchUpdateEntry",
                new Rule.Items("entries", (request, item) -> updated((BatchUpdateEntryRequest) request, (Entry) item)));
        methods.put(
                ENTRY + "BatchDeleteEntry",
                new Rule.Items("ids", (request, item) -> storedNeeds(Verb.ENTRY_DELETE, (String) item)));
    }

    private List<Need> storedNeeds(Verb verb, String id) {
        return List.of(stored.apply(id).map(entry -> need(verb, entry)).orElseGet(() -> Need.plain(verb)));
    }

    private static Need need(Verb verb, RegistrationEntry entry) {
        return new Need(verb, new Target.One(Optional.of(entry.spiffeId()), Optional.of(entry.parentId())));
    }

    private List<Need> created(Entry entry) {
        var target = new Target.One(
                id(entry.hasSpiffeId(), entry.getSpiffeId()), id(entry.hasParentId(), entry.getParentId()));
        return privileged(entry.getAdmin() || entry.getDownstream(), target, new Need(Verb.ENTRY_CREATE, target));
    }

    private List<Need> updated(BatchUpdateEntryRequest request, Entry given) {
        var mask = request.hasInputMask() ? Optional.of(request.getInputMask()) : Optional.<EntryMask>empty();
        var old = stored.apply(given.getId());
        boolean isPrivileged = old.map(RegistrationEntry::terms)
                        .filter(terms -> terms.admin() || terms.downstream())
                        .isPresent()
                || (given.getAdmin() && mask.map(EntryMask::getAdmin).orElse(true))
                || (given.getDownstream() && mask.map(EntryMask::getDownstream).orElse(true));
        var wanted = new Target.One(
                mask.map(EntryMask::getSpiffeId).orElse(true)
                        ? id(given.hasSpiffeId(), given.getSpiffeId())
                        : old.map(RegistrationEntry::spiffeId),
                mask.map(EntryMask::getParentId).orElse(true)
                        ? id(given.hasParentId(), given.getParentId())
                        : old.map(RegistrationEntry::parentId));
        var needs = new ArrayList<>(privileged(isPrivileged, wanted, new Need(Verb.ENTRY_UPDATE, wanted)));
        needs.addAll(storedNeeds(Verb.ENTRY_UPDATE, given.getId()));
        return needs;
    }

    private static List<Need> privileged(boolean isPrivileged, Target target, Need need) {
        return isPrivileged ? List.of(need, new Need(Verb.ENTRY_PRIVILEGE, target)) : List.of(need);
    }

    private void addAgents() {
        methods.put(AGENT + "CountAgents", new Rule.Whole(any -> List.of(Need.everything(Verb.AGENT_READ))));
        methods.put(AGENT + "ListAgents", new Rule.Listing(Need.plain(Verb.AGENT_READ), "agents", item -> {
            var agent = (Agent) item;
            return agent(Verb.AGENT_READ, agent.hasId(), agent.getId());
        }));
        methods.put(AGENT + "GetAgent", new Rule.Whole(message -> {
            var request = (GetAgentRequest) message;
            return agent(Verb.AGENT_READ, request.hasId(), request.getId());
        }));
        methods.put(AGENT + "BanAgent", new Rule.Whole(message -> {
            var request = (BanAgentRequest) message;
            return agent(Verb.AGENT_BAN, request.hasId(), request.getId());
        }));
        methods.put(AGENT + "DeleteAgent", new Rule.Whole(message -> {
            var request = (DeleteAgentRequest) message;
            return agent(Verb.AGENT_DELETE, request.hasId(), request.getId());
        }));
        methods.put(AGENT + "CreateJoinToken", new Rule.Whole(message -> token((CreateJoinTokenRequest) message)));
    }

    private List<Need> agent(Verb verb, boolean given, SPIFFEID agent) {
        return List.of(id(given, agent).map(id -> Need.below(verb, id)).orElseGet(() -> Need.plain(verb)));
    }

    /** The agent that comes by it has an ID below this one, and the alias beside it. */
    private List<Need> token(CreateJoinTokenRequest request) {
        var agents = SpiffeId.of(trustDomain, "/spire/agent/join_token");
        var alias = id(request.hasAgentId(), request.getAgentId());
        return List.of(new Need(Verb.TOKEN_CREATE, new Target.One(alias, Optional.of(agents))));
    }

    private void addMinting() {
        methods.put(
                SVID + "MintX509SVID",
                new Rule.Whole(message -> requested(
                                ((MintX509SVIDRequest) message).getCsr().toByteArray())
                        .map(id -> List.of(Need.of(Verb.MINT_X509, id)))
                        .orElseGet(() -> List.of(Need.plain(Verb.MINT_X509)))));
        methods.put(SVID + "MintJWTSVID", new Rule.Whole(message -> {
            var request = (MintJWTSVIDRequest) message;
            return List.of(id(request.hasId(), request.getId())
                    .map(id -> Need.of(Verb.MINT_JWT, id))
                    .orElseGet(() -> Need.plain(Verb.MINT_JWT)));
        }));
        methods.put(SVID + "MintWITSVID", new Rule.Whole(any -> List.of(Need.everything(Verb.MINT_WIT))));
    }

    /** Nothing where the method refuses the request. */
    private static Optional<SpiffeId> requested(byte[] csr) {
        try {
            var uris = SigningRequest.parse(csr).uris();
            return uris.size() == 1 ? Optional.of(SpiffeId.parse(uris.getFirst())) : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private Optional<SpiffeId> id(boolean given, SPIFFEID message) {
        try {
            return Optional.of(Ids.member(Ids.given(given, message), trustDomain));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
