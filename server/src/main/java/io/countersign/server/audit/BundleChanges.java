// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.audit;

import com.google.protobuf.Empty;
import io.countersign.serverapi.bundle.AppendBundleRequest;
import io.countersign.serverapi.bundle.BatchCreateFederatedBundleRequest;
import io.countersign.serverapi.bundle.BatchCreateFederatedBundleResponse;
import io.countersign.serverapi.bundle.BatchDeleteFederatedBundleRequest;
import io.countersign.serverapi.bundle.BatchDeleteFederatedBundleResponse;
import io.countersign.serverapi.bundle.BatchSetFederatedBundleRequest;
import io.countersign.serverapi.bundle.BatchSetFederatedBundleResponse;
import io.countersign.serverapi.bundle.BatchUpdateFederatedBundleRequest;
import io.countersign.serverapi.bundle.BatchUpdateFederatedBundleResponse;
import io.countersign.serverapi.bundle.PublishJWTAuthorityRequest;
import io.countersign.serverapi.bundle.PublishJWTAuthorityResponse;
import io.countersign.serverapi.trustdomain.BatchCreateFederationRelationshipRequest;
import io.countersign.serverapi.trustdomain.BatchCreateFederationRelationshipResponse;
import io.countersign.serverapi.trustdomain.BatchDeleteFederationRelationshipRequest;
import io.countersign.serverapi.trustdomain.BatchDeleteFederationRelationshipResponse;
import io.countersign.serverapi.trustdomain.BatchUpdateFederationRelationshipRequest;
import io.countersign.serverapi.trustdomain.BatchUpdateFederationRelationshipResponse;
import io.countersign.serverapi.trustdomain.RefreshBundleRequest;
import io.countersign.serverapi.types.Bundle;
import io.countersign.serverapi.types.FederationRelationship;
import io.countersign.serverapi.types.JWTKey;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/** What changes whom this trust domain trusts. A certificate is told by the SHA-256 of its DER. */
final class BundleChanges {
    private static final String BUNDLE = "spire.api.server.bundle.v1.Bundle/";
    private static final String DOMAIN = "spire.api.server.trustdomain.v1.TrustDomain/";

    private BundleChanges() {}

    static void addTo(Map<String, Act<?, ?>> methods) {
        addOwn(methods);
        addFederated(methods);
        addRelationships(methods);
    }

    private static void addOwn(Map<String, Act<?, ?>> methods) {
        methods.put(
                BUNDLE + "AppendBundle",
                Changes.whole(
                        "bundle.append",
                        AppendBundleRequest.class,
                        io.countersign.serverapi.types.Bundle.class,
                        request -> new About()
                                .with(
                                        "x509_authorities",
                                        request.getX509AuthoritiesList().stream()
                                                .map(one -> About.sha256(
                                                        one.getAsn1().toByteArray()))
                                                .toList())
                                .with(
                                        "jwt_authorities",
                                        request.getJwtAuthoritiesList().stream()
                                                .map(JWTKey::getKeyId)
                                                .toList())
                                .values()));
        methods.put(
                BUNDLE + "PublishJWTAuthority",
                Changes.whole(
                        "jwt_authority.publish",
                        PublishJWTAuthorityRequest.class,
                        PublishJWTAuthorityResponse.class,
                        request -> About.only(
                                "authority_id", request.getJwtAuthority().getKeyId())));
    }

    private static void addFederated(Map<String, Act<?, ?>> methods) {
        methods.put(
                BUNDLE + "BatchCreateFederatedBundle",
                Changes.batch(
                        "federated_bundle.create",
                        BatchCreateFederatedBundleRequest.class,
                        BatchCreateFederatedBundleResponse.class,
                        request -> bundles(request.getBundleList()),
                        (request, answer) -> Changes.items(
                                bundles(request.getBundleList()),
                                answer.getResultsList().stream()
                                        .map(BatchCreateFederatedBundleResponse.Result::getStatus)
                                        .toList())));
        methods.put(
                BUNDLE + "BatchUpdateFederatedBundle",
                Changes.batch(
                        "federated_bundle.update",
                        BatchUpdateFederatedBundleRequest.class,
                        BatchUpdateFederatedBundleResponse.class,
                        request -> bundles(request.getBundleList()),
                        (request, answer) -> Changes.items(
                                bundles(request.getBundleList()),
                                answer.getResultsList().stream()
                                        .map(BatchUpdateFederatedBundleResponse.Result::getStatus)
                                        .toList())));
        methods.put(
                BUNDLE + "BatchSetFederatedBundle",
                Changes.batch(
                        "federated_bundle.set",
                        BatchSetFederatedBundleRequest.class,
                        BatchSetFederatedBundleResponse.class,
                        request -> bundles(request.getBundleList()),
                        (request, answer) -> Changes.items(
                                bundles(request.getBundleList()),
                                answer.getResultsList().stream()
                                        .map(BatchSetFederatedBundleResponse.Result::getStatus)
                                        .toList())));
        methods.put(
                BUNDLE + "BatchDeleteFederatedBundle",
                Changes.batch(
                        "federated_bundle.delete",
                        BatchDeleteFederatedBundleRequest.class,
                        BatchDeleteFederatedBundleResponse.class,
                        BundleChanges::deleted,
                        (request, answer) -> Changes.items(
                                deleted(request),
                                answer.getResultsList().stream()
                                        .map(BatchDeleteFederatedBundleResponse.Result::getStatus)
                                        .toList())));
    }

    private static List<SequencedMap<String, String>> deleted(BatchDeleteFederatedBundleRequest request) {
        return request.getTrustDomainsList().stream()
                .map(name -> new About()
                        .with("trust_domain", name)
                        .with("mode", request.getMode().name())
                        .values())
                .toList();
    }

    private static List<SequencedMap<String, String>> bundles(List<Bundle> bundles) {
        return bundles.stream()
                .map(bundle -> new About()
                        .with("trust_domain", bundle.getTrustDomain())
                        .with(
                                "x509_authorities",
                                bundle.getX509AuthoritiesList().stream()
                                        .map(one -> About.sha256(one.getAsn1().toByteArray()))
                                        .toList())
                        .with(
                                "jwt_authorities",
                                bundle.getJwtAuthoritiesList().stream()
                                        .map(JWTKey::getKeyId)
                                        .toList())
                        .values())
                .toList();
    }

    private static void addRelationships(Map<String, Act<?, ?>> methods) {
        methods.put(
                DOMAIN + "BatchCreateFederationRelationship",
                Changes.batch(
                        "federation.create",
                        BatchCreateFederationRelationshipRequest.class,
                        BatchCreateFederationRelationshipResponse.class,
                        request -> relationships(request.getFederationRelationshipsList()),
                        (request, answer) -> Changes.items(
                                relationships(request.getFederationRelationshipsList()),
                                answer.getResultsList().stream()
                                        .map(BatchCreateFederationRelationshipResponse.Result::getStatus)
                                        .toList())));
        methods.put(
                DOMAIN + "BatchUpdateFederationRelationship",
                Changes.batch(
                        "federation.update",
                        BatchUpdateFederationRelationshipRequest.class,
                        BatchUpdateFederationRelationshipResponse.class,
                        request -> relationships(request.getFederationRelationshipsList()),
                        (request, answer) -> Changes.items(
                                relationships(request.getFederationRelationshipsList()),
                                answer.getResultsList().stream()
                                        .map(BatchUpdateFederationRelationshipResponse.Result::getStatus)
                                        .toList())));
        methods.put(
                DOMAIN + "BatchDeleteFederationRelationship",
                Changes.batch(
                        "federation.delete",
                        BatchDeleteFederationRelationshipRequest.class,
                        BatchDeleteFederationRelationshipResponse.class,
                        request -> Changes.named("trust_domain", request.getTrustDomainsList()),
                        (request, answer) -> Changes.items(
                                Changes.named("trust_domain", request.getTrustDomainsList()),
                                answer.getResultsList().stream()
                                        .map(BatchDeleteFederationRelationshipResponse.Result::getStatus)
                                        .toList())));
        methods.put(
                DOMAIN + "RefreshBundle",
                Changes.whole(
                        "federation.refresh",
                        RefreshBundleRequest.class,
                        Empty.class,
                        request -> About.only("trust_domain", request.getTrustDomain())));
    }

    private static List<SequencedMap<String, String>> relationships(List<FederationRelationship> relationships) {
        return relationships.stream()
                .map(one -> new About()
                        .with("trust_domain", one.getTrustDomain())
                        .with("bundle_endpoint_url", one.getBundleEndpointUrl())
                        .with("endpoint_spiffe_id", one.getHttpsSpiffe().getEndpointSpiffeId())
                        .values())
                .toList();
    }
}
