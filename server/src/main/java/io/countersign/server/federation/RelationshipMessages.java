// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.federation;

import io.countersign.datastore.federation.BundleEndpoint;
import io.countersign.datastore.federation.BundleEndpoint.HttpsSpiffe;
import io.countersign.datastore.federation.BundleEndpoint.HttpsWeb;
import io.countersign.datastore.federation.BundleEndpoint.Profile;
import io.countersign.datastore.federation.FederatedBundle;
import io.countersign.server.bundle.BundleMessages;
import io.countersign.server.wire.Ids;
import io.countersign.serverapi.types.FederationRelationship;
import io.countersign.serverapi.types.FederationRelationshipMask;
import io.countersign.serverapi.types.HTTPSSPIFFEProfile;
import io.countersign.serverapi.types.HTTPSWebProfile;
import io.countersign.spiffe.SpiffeId;
import io.countersign.spiffe.TrustDomain;
import java.util.Optional;
import java.util.function.Supplier;

/** Relationships as messages, and messages as relationships once they keep SPIRE's rules. */
final class RelationshipMessages {
    static final FederationRelationshipMask ALL = FederationRelationshipMask.newBuilder()
            .setBundleEndpointUrl(true)
            .setBundleEndpointProfile(true)
            .setTrustDomainBundle(true)
            .build();

    private RelationshipMessages() {}

    /**
     * A relationship and its trust domain's bundle.
     *
     * @param bundle in a request the one to begin with, in an answer the one that is stored
     */
    record Federated(TrustDomain trustDomain, BundleEndpoint endpoint, Optional<FederatedBundle> bundle) {}

    /** @param mask its numbers are not those of the fields, unlike those of other masks */
    static FederationRelationship message(Federated federated, FederationRelationshipMask mask) {
        var message = FederationRelationship.newBuilder()
                .setTrustDomain(federated.trustDomain().name());
        if (mask.getBundleEndpointUrl()) {
            message.setBundleEndpointUrl(federated.endpoint().url().toString());
        }
        if (mask.getBundleEndpointProfile()) {
            switch (federated.endpoint().profile()) {
                case HttpsWeb() -> message.setHttpsWeb(HTTPSWebProfile.getDefaultInstance());
                case HttpsSpiffe(var id) ->
                    message.setHttpsSpiffe(HTTPSSPIFFEProfile.newBuilder().setEndpointSpiffeId(id.toString()));
            }
        }
        if (mask.getTrustDomainBundle()) {
            federated.bundle().map(BundleMessages::message).ifPresent(message::setTrustDomainBundle);
        }
        return message.build();
    }

    /** @throws IllegalArgumentException if the message breaks a rule */
    static Federated value(FederationRelationship message) {
        var trustDomain = named("failed to parse trust domain", () -> Ids.trustDomain(message.getTrustDomain()));
        // the URL is judged first, whatever the profile
        var web = BundleEndpoint.parse(message.getBundleEndpointUrl(), new HttpsWeb());
        var endpoint = new BundleEndpoint(web.url(), profile(message));
        if (!message.hasTrustDomainBundle()) {
            return new Federated(trustDomain, endpoint, Optional.empty());
        }
        var bundle = named("failed to parse bundle", () -> BundleMessages.value(message.getTrustDomainBundle()));
        if (!bundle.trustDomain().equals(trustDomain)) {
            throw new IllegalArgumentException("trust domain bundle (\""
                    + message.getTrustDomainBundle().getTrustDomain()
                    + "\") must match the trust domain of the federation relationship (\"" + trustDomain + "\")");
        }
        return new Federated(trustDomain, endpoint, Optional.of(bundle));
    }

    private static Profile profile(FederationRelationship message) {
        return switch (message.getBundleEndpointProfileCase()) {
            case HTTPS_WEB -> new HttpsWeb();
            case HTTPS_SPIFFE ->
                new HttpsSpiffe(named(
                        "failed to parse endpoint SPIFFE ID",
                        () -> SpiffeId.parse(message.getHttpsSpiffe().getEndpointSpiffeId())));
            case BUNDLEENDPOINTPROFILE_NOT_SET ->
                throw new IllegalArgumentException("unsupported bundle endpoint profile type: <nil>");
        };
    }

    private static <T> T named(String what, Supplier<T> parser) {
        try {
            return parser.get();
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(what + ": " + e.getMessage(), e);
        }
    }
}
