// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.role;

import io.countersign.server.config.Verb;
import java.util.List;
import java.util.Map;

/** The methods that are about the trust domain as a whole: a role has the verb or not. */
final class PlainRules {
    private PlainRules() {}

    static void addTo(Map<String, Rule> methods) {
        var bundle = "spire.api.server.bundle.v1.Bundle";
        add(methods, bundle, Verb.BUNDLE_READ, "CountBundles", "ListFederatedBundles", "GetFederatedBundle");
        add(methods, bundle, Verb.BUNDLE_APPEND, "AppendBundle");
        add(methods, bundle, Verb.BUNDLE_CREATE, "BatchCreateFederatedBundle");
        add(methods, bundle, Verb.BUNDLE_UPDATE, "BatchUpdateFederatedBundle");
        add(methods, bundle, Verb.BUNDLE_SET, "BatchSetFederatedBundle");
        add(methods, bundle, Verb.BUNDLE_DELETE, "BatchDeleteFederatedBundle");
        var federation = "spire.api.server.trustdomain.v1.TrustDomain";
        add(methods, federation, Verb.FEDERATION_READ, "ListFederationRelationships", "GetFederationRelationship");
        add(methods, federation, Verb.FEDERATION_CREATE, "BatchCreateFederationRelationship");
        add(methods, federation, Verb.FEDERATION_UPDATE, "BatchUpdateFederationRelationship");
        add(methods, federation, Verb.FEDERATION_DELETE, "BatchDeleteFederationRelationship");
        add(methods, federation, Verb.FEDERATION_REFRESH, "RefreshBundle");
        var authority = "spire.api.server.localauthority.v1.LocalAuthority";
        for (var kind : List.of("JWT", "X509", "WIT")) {
            add(methods, authority, Verb.AUTHORITY_READ, "Get" + kind + "AuthorityState");
            add(methods, authority, Verb.AUTHORITY_PREPARE, "Prepare" + kind + "Authority");
            add(methods, authority, Verb.AUTHORITY_ACTIVATE, "Activate" + kind + "Authority");
            add(methods, authority, Verb.AUTHORITY_TAINT, "Taint" + kind + "Authority");
            add(methods, authority, Verb.AUTHORITY_REVOKE, "Revoke" + kind + "Authority");
        }
        add(methods, authority, Verb.AUTHORITY_TAINT, "TaintX509UpstreamAuthority");
        add(methods, authority, Verb.AUTHORITY_REVOKE, "RevokeX509UpstreamAuthority");
        var logger = "spire.api.server.logger.v1.Logger";
        add(methods, logger, Verb.LOGGER_READ, "GetLogger");
        add(methods, logger, Verb.LOGGER_SET, "SetLogLevel", "ResetLogLevel");
        add(methods, "spire.api.server.debug.v1.Debug", Verb.DEBUG_READ, "GetInfo");
    }

    private static void add(Map<String, Rule> methods, String service, Verb verb, String... names) {
        for (var name : names) {
            methods.put(service + "/" + name, new Rule.Whole(any -> List.of(Need.plain(verb))));
        }
    }
}
