// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.federation;

import com.google.protobuf.Empty;
import io.countersign.datastore.federation.BundleEndpoint;
import io.countersign.datastore.federation.BundleEndpoint.HttpsSpiffe;
import io.countersign.datastore.federation.FederatedBundles;
import io.countersign.datastore.federation.FederationRelationship;
import io.countersign.datastore.federation.FederationRelationships;
import io.countersign.server.federation.RelationshipMessages.Federated;
import io.countersign.server.wire.Ids;
import io.countersign.server.wire.Pages;
import io.countersign.server.wire.Results;
import io.countersign.serverapi.trustdomain.BatchCreateFederationRelationshipRequest;
import io.countersign.serverapi.trustdomain.BatchCreateFederationRelationshipResponse;
import io.countersign.serverapi.trustdomain.BatchDeleteFederationRelationshipRequest;
import io.countersign.serverapi.trustdomain.BatchDeleteFederationRelationshipResponse;
import io.countersign.serverapi.trustdomain.BatchUpdateFederationRelationshipRequest;
import io.countersign.serverapi.trustdomain.BatchUpdateFederationRelationshipResponse;
import io.countersign.serverapi.trustdomain.GetFederationRelationshipRequest;
import io.countersign.serverapi.trustdomain.ListFederationRelationshipsRequest;
import io.countersign.serverapi.trustdomain.ListFederationRelationshipsResponse;
import io.countersign.serverapi.trustdomain.RefreshBundleRequest;
import io.countersign.serverapi.trustdomain.TrustDomainGrpc;
import io.countersign.serverapi.types.FederationRelationshipMask;
import io.countersign.serverapi.types.Status;
import io.countersign.spiffe.TrustDomain;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** SPIRE's TrustDomain service. Relationships of server.conf are polled as well, but no call shows or changes them. */
public final class TrustDomainService extends TrustDomainGrpc.TrustDomainImplBase {
    private static final Logger log = LoggerFactory.getLogger(TrustDomainService.class);

    private final TrustDomain trustDomain;
    private final FederationRelationships relationships;
    private final FederatedBundles bundles;
    private final BundlePolling polling;

    public TrustDomainService(
            TrustDomain trustDomain,
            FederationRelationships relationships,
            FederatedBundles bundles,
            BundlePolling polling) {
        this.trustDomain = trustDomain;
        this.relationships = relationships;
        this.bundles = bundles;
        this.polling = polling;
    }

    @Override
    public void listFederationRelationships(
            ListFederationRelationshipsRequest request, StreamObserver<ListFederationRelationshipsResponse> response) {
        var page = Pages.of(relationships.list(), any -> true, request.getPageSize(), request.getPageToken());
        var mask = mask(request.hasOutputMask(), request.getOutputMask());
        var list = ListFederationRelationshipsResponse.newBuilder().setNextPageToken(page.nextToken());
        page.items()
                .forEach(relationship ->
                        list.addFederationRelationships(RelationshipMessages.message(stored(relationship), mask)));
        response.onNext(list.build());
        response.onCompleted();
    }

    @Override
    public void getFederationRelationship(
            GetFederationRelationshipRequest request,
            StreamObserver<io.countersign.serverapi.types.FederationRelationship> response) {
        var found = relationships
                .find(named(request.getTrustDomain()))
                .orElseThrow(() -> refused(Code.NOT_FOUND, "federation relationship does not exist"));
        response.onNext(
                RelationshipMessages.message(stored(found), mask(request.hasOutputMask(), request.getOutputMask())));
        response.onCompleted();
    }

    /** What became of one relationship of a batch; it is there if it is stored now. */
    private record Outcome(Status status, Optional<Federated> relationship) {
        static Outcome done(Federated stored) {
            return new Outcome(Results.OK, Optional.of(stored));
        }

        static Outcome refused(Code code, String message) {
            return new Outcome(Results.of(code, message), Optional.empty());
        }
    }

    @Override
    public void batchCreateFederationRelationship(
            BatchCreateFederationRelationshipRequest request,
            StreamObserver<BatchCreateFederationRelationshipResponse> response) {
        var mask = mask(request.hasOutputMask(), request.getOutputMask());
        var results = BatchCreateFederationRelationshipResponse.newBuilder();
        for (var given : request.getFederationRelationshipsList()) {
            var outcome = create(given);
            var result = results.addResultsBuilder().setStatus(outcome.status());
            outcome.relationship()
                    .ifPresent(stored -> result.setFederationRelationship(RelationshipMessages.message(stored, mask)));
        }
        polling.changed();
        response.onNext(results.build());
        response.onCompleted();
    }

    private Outcome create(io.countersign.serverapi.types.FederationRelationship message) {
        Federated given;
        try {
            given = RelationshipMessages.value(message);
        } catch (IllegalArgumentException e) {
            return Outcome.refused(
                    Code.INVALID_ARGUMENT, "failed to convert federation relationship: " + e.getMessage());
        }
        if (given.trustDomain().equals(trustDomain)) {
            return Outcome.refused(
                    Code.INVALID_ARGUMENT, "unable to create federation relationship for server trust domain");
        }
        if (!relationships.create(new FederationRelationship(given.trustDomain(), given.endpoint()), given.bundle())) {
            return Outcome.refused(
                    Code.ALREADY_EXISTS,
                    "failed to create federation relationship: there is one with trust domain \"" + given.trustDomain()
                            + "\" already; update it instead");
        }
        warnIfNobodyVouches(given.endpoint());
        return Outcome.done(given);
    }

    @Override
    public void batchUpdateFederationRelationship(
            BatchUpdateFederationRelationshipRequest request,
            StreamObserver<BatchUpdateFederationRelationshipResponse> response) {
        var input = mask(request.hasInputMask(), request.getInputMask());
        var output = mask(request.hasOutputMask(), request.getOutputMask());
        var results = BatchUpdateFederationRelationshipResponse.newBuilder();
        for (var given : request.getFederationRelationshipsList()) {
            var outcome = update(given, input);
            var result = results.addResultsBuilder().setStatus(outcome.status());
            outcome.relationship()
                    .ifPresent(
                            stored -> result.setFederationRelationship(RelationshipMessages.message(stored, output)));
        }
        polling.changed();
        response.onNext(results.build());
        response.onCompleted();
    }

    /** As with the original, what the mask leaves out has to keep the rules as well. */
    private Outcome update(
            io.countersign.serverapi.types.FederationRelationship message, FederationRelationshipMask mask) {
        Federated given;
        try {
            given = RelationshipMessages.value(message);
        } catch (IllegalArgumentException e) {
            return Outcome.refused(
                    Code.INVALID_ARGUMENT, "failed to convert federation relationship: " + e.getMessage());
        }
        var updated = relationships.update(
                given.trustDomain(),
                old -> new FederationRelationship(
                        old.trustDomain(),
                        new BundleEndpoint(
                                (mask.getBundleEndpointUrl() ? given.endpoint() : old.endpoint()).url(),
                                (mask.getBundleEndpointProfile() ? given.endpoint() : old.endpoint()).profile())),
                given.bundle().filter(bundle -> mask.getTrustDomainBundle()));
        if (updated.isEmpty()) {
            return Outcome.refused(
                    Code.NOT_FOUND,
                    "failed to update federation relationship: there is none with trust domain \"" + given.trustDomain()
                            + "\"; create it first");
        }
        warnIfNobodyVouches(updated.get().endpoint());
        return Outcome.done(stored(updated.get()));
    }

    private void warnIfNobodyVouches(BundleEndpoint endpoint) {
        if (endpoint.profile() instanceof HttpsSpiffe(var id)
                && !id.trustDomain().equals(trustDomain)
                && bundles.find(id.trustDomain()).isEmpty()) {
            log.atWarn()
                    .addKeyValue("endpoint_spiffe_id", id)
                    .log("the endpoint cannot be verified until the bundle of its trust domain is set");
        }
    }

    @Override
    public void batchDeleteFederationRelationship(
            BatchDeleteFederationRelationshipRequest request,
            StreamObserver<BatchDeleteFederationRelationshipResponse> response) {
        var results = BatchDeleteFederationRelationshipResponse.newBuilder();
        for (var name : request.getTrustDomainsList()) {
            results.addResults(delete(name));
        }
        polling.changed();
        response.onNext(results.build());
        response.onCompleted();
    }

    private BatchDeleteFederationRelationshipResponse.Result delete(String name) {
        var result =
                BatchDeleteFederationRelationshipResponse.Result.newBuilder().setTrustDomain(name);
        if (name.isEmpty()) {
            return result.setStatus(Results.of(Code.INVALID_ARGUMENT, "missing trust domain"))
                    .build();
        }
        try {
            var domain = Ids.trustDomain(name);
            return result.setTrustDomain(domain.name())
                    .setStatus(
                            relationships.delete(domain)
                                    ? Results.OK
                                    : Results.of(Code.NOT_FOUND, "federation relationship not found"))
                    .build();
        } catch (IllegalArgumentException e) {
            return result.setStatus(
                            Results.of(Code.INVALID_ARGUMENT, "failed to parse trust domain: " + e.getMessage()))
                    .build();
        }
    }

    @Override
    public void refreshBundle(RefreshBundleRequest request, StreamObserver<Empty> response) {
        var of = named(request.getTrustDomain());
        try {
            if (!polling.refresh(of)) {
                throw refused(Code.NOT_FOUND, "no relationship with trust domain \"" + of + "\"");
            }
        } catch (IOException e) {
            throw refused(Code.INTERNAL, "failed to refresh bundle: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw refused(Code.UNAVAILABLE, "failed to refresh bundle: the server stops");
        }
        response.onNext(Empty.getDefaultInstance());
        response.onCompleted();
    }

    private Federated stored(FederationRelationship relationship) {
        return new Federated(
                relationship.trustDomain(), relationship.endpoint(), bundles.find(relationship.trustDomain()));
    }

    private static TrustDomain named(String name) {
        try {
            return Ids.trustDomain(name);
        } catch (IllegalArgumentException e) {
            throw refused(Code.INVALID_ARGUMENT, "failed to parse trust domain: " + e.getMessage());
        }
    }

    private static FederationRelationshipMask mask(boolean given, FederationRelationshipMask mask) {
        return given ? mask : RelationshipMessages.ALL;
    }

    private static StatusRuntimeException refused(Code code, String message) {
        return code.toStatus().withDescription(message).asRuntimeException();
    }
}
