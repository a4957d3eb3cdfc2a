// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.caller;

import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What a caller may be let in as; and, in one table, for which method. A method that is not in it is for nobody. */
enum Right {
    ANYONE,
    LOCAL,
    ADMIN,
    DOWNSTREAM,
    AGENT;

    private static final Map<String, Set<Right>> METHODS = table();

    /** @param method such as {@code spire.api.server.agent.v1.Agent/ListAgents} */
    static Set<Right> of(String method) {
        return METHODS.getOrDefault(method, Set.of());
    }

    private static Map<String, Set<Right>> table() {
        var methods = new HashMap<String, Set<Right>>();
        var operators = EnumSet.of(LOCAL, ADMIN);
        var agents = EnumSet.of(AGENT);
        allow(methods, EnumSet.of(LOCAL), "grpc.health.v1.Health", List.of("Check", "List", "Watch"));
        var agent = "spire.api.server.agent.v1.Agent";
        allow(
                methods,
                operators,
                agent,
                List.of("CountAgents", "ListAgents", "GetAgent", "DeleteAgent", "BanAgent", "CreateJoinToken"));
        allow(methods, EnumSet.of(ANYONE), agent, List.of("AttestAgent"));
        allow(methods, agents, agent, List.of("RenewAgent", "PostStatus"));
        var entry = "spire.api.server.entry.v1.Entry";
        allow(
                methods,
                operators,
                entry,
                List.of(
                        "CountEntries",
                        "ListEntries",
                        "GetEntry",
                        "BatchCreateEntry",
                        "BatchUpdateEntry",
                        "BatchDeleteEntry"));
        allow(methods, agents, entry, List.of("GetAuthorizedEntries", "SyncAuthorizedEntries"));
        allow(methods, agents, "countersign.api.server.watch.v1.Watch", List.of("WatchNode"));
        var svid = "spire.api.server.svid.v1.SVID";
        allow(methods, operators, svid, List.of("MintX509SVID", "MintJWTSVID", "MintWITSVID"));
        allow(methods, agents, svid, List.of("BatchNewX509SVID", "NewJWTSVID", "BatchNewWITSVID"));
        allow(methods, EnumSet.of(DOWNSTREAM), svid, List.of("NewDownstreamX509CA"));
        var bundle = "spire.api.server.bundle.v1.Bundle";
        allow(methods, EnumSet.of(ANYONE), bundle, List.of("GetBundle"));
        allow(methods, EnumSet.of(LOCAL, ADMIN, AGENT), bundle, List.of("GetFederatedBundle"));
        allow(methods, EnumSet.of(DOWNSTREAM), bundle, List.of("PublishJWTAuthority", "PublishWITAuthority"));
        allow(
                methods,
                operators,
                bundle,
                List.of(
                        "CountBundles",
                        "AppendBundle",
                        "ListFederatedBundles",
                        "BatchCreateFederatedBundle",
                        "BatchUpdateFederatedBundle",
                        "BatchSetFederatedBundle",
                        "BatchDeleteFederatedBundle"));
        var authority = "spire.api.server.localauthority.v1.LocalAuthority";
        for (var kind : List.of("JWT", "X509", "WIT")) {
            allow(
                    methods,
                    operators,
                    authority,
                    List.of(
                            "Get" + kind + "AuthorityState",
                            "Prepare" + kind + "Authority",
                            "Activate" + kind + "Authority",
                            "Taint" + kind + "Authority",
                            "Revoke" + kind + "Authority"));
        }
        allow(methods, operators, authority, List.of("TaintX509UpstreamAuthority", "RevokeX509UpstreamAuthority"));
        allow(
                methods,
                operators,
                "spire.api.server.trustdomain.v1.TrustDomain",
                List.of(
                        "ListFederationRelationships",
                        "GetFederationRelationship",
                        "BatchCreateFederationRelationship",
                        "BatchUpdateFederationRelationship",
                        "BatchDeleteFederationRelationship",
                        "RefreshBundle"));
        var local = EnumSet.of(LOCAL);
        allow(
                methods,
                local,
                "spire.api.server.logger.v1.Logger",
                List.of("GetLogger", "SetLogLevel", "ResetLogLevel"));
        allow(methods, local, "spire.api.server.debug.v1.Debug", List.of("GetInfo"));
        return Map.copyOf(methods);
    }

    private static void allow(Map<String, Set<Right>> methods, Set<Right> rights, String service, List<String> names) {
        names.forEach(name -> methods.put(service + "/" + name, Set.copyOf(rights)));
    }
}
