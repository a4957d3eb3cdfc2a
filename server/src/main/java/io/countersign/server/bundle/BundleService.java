// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.bundle;

import com.google.protobuf.ByteString;
import io.countersign.datastore.authority.TrustedAuthorities.Published;
import io.countersign.datastore.federation.DeleteMode;
import io.countersign.datastore.federation.Deleted;
import io.countersign.datastore.federation.FederatedBundle;
import io.countersign.datastore.federation.FederatedBundles;
import io.countersign.server.authority.Authorities;
import io.countersign.server.caller.CallLimits;
import io.countersign.server.caller.CallLimits.Limit;
import io.countersign.server.wire.Ids;
import io.countersign.server.wire.Masks;
import io.countersign.server.wire.Pages;
import io.countersign.server.wire.Results;
import io.countersign.server.wire.Trusted;
import io.countersign.serverapi.bundle.AppendBundleRequest;
import io.countersign.serverapi.bundle.BatchCreateFederatedBundleRequest;
import io.countersign.serverapi.bundle.BatchCreateFederatedBundleResponse;
import io.countersign.serverapi.bundle.BatchDeleteFederatedBundleRequest;
import io.countersign.serverapi.bundle.BatchDeleteFederatedBundleResponse;
import io.countersign.serverapi.bundle.BatchSetFederatedBundleRequest;
import io.countersign.serverapi.bundle.BatchSetFederatedBundleResponse;
import io.countersign.serverapi.bundle.BatchUpdateFederatedBundleRequest;
import io.countersign.serverapi.bundle.BatchUpdateFederatedBundleResponse;
import io.countersign.serverapi.bundle.BundleGrpc;
import io.countersign.serverapi.bundle.CountBundlesRequest;
import io.countersign.serverapi.bundle.CountBundlesResponse;
import io.countersign.serverapi.bundle.GetBundleRequest;
import io.countersign.serverapi.bundle.GetFederatedBundleRequest;
import io.countersign.serverapi.bundle.ListFederatedBundlesRequest;
import io.countersign.serverapi.bundle.ListFederatedBundlesResponse;
import io.countersign.serverapi.bundle.PublishJWTAuthorityRequest;
import io.countersign.serverapi.bundle.PublishJWTAuthorityResponse;
import io.countersign.serverapi.bundle.PublishWITAuthorityRequest;
import io.countersign.serverapi.bundle.PublishWITAuthorityResponse;
import io.countersign.serverapi.types.Bundle;
import io.countersign.serverapi.types.BundleMask;
import io.countersign.serverapi.types.Status;
import io.countersign.serverapi.types.X509Certificate;
import io.countersign.spiffe.TrustDomain;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/** SPIRE's Bundle service, for the bundle of this trust domain and those of others. */
public final class BundleService extends BundleGrpc.BundleImplBase {
    private static final String INVALID_NAME = "trust domain argument is not valid: ";

    private final TrustDomain trustDomain;
    private final Authorities authorities;
    private final FederatedBundles federated;
    private final CallLimits limits;

    public BundleService(
            TrustDomain trustDomain, Authorities authorities, FederatedBundles federated, CallLimits limits) {
        this.trustDomain = trustDomain;
        this.authorities = authorities;
        this.federated = federated;
        this.limits = limits;
    }

    @Override
    public void countBundles(CountBundlesRequest request, StreamObserver<CountBundlesResponse> response) {
        response.onNext(CountBundlesResponse.newBuilder()
                .setCount(1 + federated.count())
                .build());
        response.onCompleted();
    }

    @Override
    public void getBundle(GetBundleRequest request, StreamObserver<Bundle> response) {
        response.onNext(shown(request.hasOutputMask(), request.getOutputMask()).apply(own()));
        response.onCompleted();
    }

    @Override
    public void appendBundle(AppendBundleRequest request, StreamObserver<Bundle> response) {
        try {
            authorities.append(AppendedAuthorities.of(request));
        } catch (IllegalArgumentException e) {
            throw refused(Code.INVALID_ARGUMENT, "failed to append bundle: " + e.getMessage());
        }
        response.onNext(shown(request.hasOutputMask(), request.getOutputMask()).apply(own()));
        response.onCompleted();
    }

    @Override
    public void publishJWTAuthority(
            PublishJWTAuthorityRequest request, StreamObserver<PublishJWTAuthorityResponse> response) {
        limits.take(Limit.PUBLISHING, 1, "key publishing");
        if (!request.hasJwtAuthority()) {
            throw refused(Code.INVALID_ARGUMENT, "missing JWT authority");
        }
        try {
            // the key of a server below is as good as new, whatever is said of it
            var given = request.getJwtAuthority().toBuilder().setTainted(false).build();
            var keys = authorities.publish(Trusted.key(given));
            response.onNext(PublishJWTAuthorityResponse.newBuilder()
                    .addAllJwtAuthorities(keys.stream().map(Trusted::message).toList())
                    .build());
            response.onCompleted();
        } catch (IllegalArgumentException e) {
            throw refused(Code.INVALID_ARGUMENT, "invalid JWT authority: " + e.getMessage());
        } catch (IOException e) {
            throw Code.INTERNAL
                    .toStatus()
                    .withDescription("failed to publish JWT key: " + e.getMessage())
                    .withCause(e)
                    .asRuntimeException();
        }
    }

    @Override
    public void publishWITAuthority(
            PublishWITAuthorityRequest request, StreamObserver<PublishWITAuthorityResponse> response) {
        throw refused(Code.UNIMPLEMENTED, "WIT-SVID functionality is not yet implemented");
    }

    @Override
    public void listFederatedBundles(
            ListFederatedBundlesRequest request, StreamObserver<ListFederatedBundlesResponse> response) {
        var page = Pages.of(federated.list(), any -> true, request.getPageSize(), request.getPageToken());
        var shown = shown(request.hasOutputMask(), request.getOutputMask());
        var list = ListFederatedBundlesResponse.newBuilder().setNextPageToken(page.nextToken());
        page.items().forEach(bundle -> list.addBundles(shown.apply(BundleMessages.message(bundle))));
        response.onNext(list.build());
        response.onCompleted();
    }

    @Override
    public void getFederatedBundle(GetFederatedBundleRequest request, StreamObserver<Bundle> response) {
        TrustDomain asked;
        try {
            asked = Ids.trustDomain(request.getTrustDomain());
        } catch (IllegalArgumentException e) {
            throw refused(Code.INVALID_ARGUMENT, INVALID_NAME + e.getMessage());
        }
        if (asked.equals(trustDomain)) {
            throw refused(
                    Code.INVALID_ARGUMENT,
                    "getting a federated bundle for the server's own trust domain is not allowed");
        }
        var found = federated.find(asked).orElseThrow(() -> refused(Code.NOT_FOUND, "bundle not found"));
        response.onNext(shown(request.hasOutputMask(), request.getOutputMask()).apply(BundleMessages.message(found)));
        response.onCompleted();
    }

    /** What became of one bundle of a batch; the bundle is there if it is stored now. */
    private record Outcome(Status status, Optional<Bundle> bundle) {
        static Outcome done(FederatedBundle stored) {
            return new Outcome(Results.OK, Optional.of(BundleMessages.message(stored)));
        }

        static Outcome refused(Code code, String message) {
            return new Outcome(Results.of(code, message), Optional.empty());
        }
    }

    @Override
    public void batchCreateFederatedBundle(
            BatchCreateFederatedBundleRequest request, StreamObserver<BatchCreateFederatedBundleResponse> response) {
        var shown = shown(request.hasOutputMask(), request.getOutputMask());
        var results = BatchCreateFederatedBundleResponse.newBuilder();
        for (var given : request.getBundleList()) {
            var outcome = checked(given, "creating", this::create);
            var result = results.addResultsBuilder().setStatus(outcome.status());
            outcome.bundle().map(shown).ifPresent(result::setBundle);
        }
        response.onNext(results.build());
        response.onCompleted();
    }

    private Outcome create(FederatedBundle bundle) {
        return federated.create(bundle)
                ? Outcome.done(bundle)
                : Outcome.refused(Code.ALREADY_EXISTS, "bundle already exists");
    }

    @Override
    public void batchUpdateFederatedBundle(
            BatchUpdateFederatedBundleRequest request, StreamObserver<BatchUpdateFederatedBundleResponse> response) {
        var shown = shown(request.hasOutputMask(), request.getOutputMask());
        var results = BatchUpdateFederatedBundleResponse.newBuilder();
        for (var given : request.getBundleList()) {
            var outcome = checked(
                    given,
                    "updating",
                    bundle -> request.hasInputMask()
                            ? update(bundle, old -> merged(old, bundle, request.getInputMask()))
                            : update(bundle, old -> bundle));
            var result = results.addResultsBuilder().setStatus(outcome.status());
            outcome.bundle().map(shown).ifPresent(result::setBundle);
        }
        response.onNext(results.build());
        response.onCompleted();
    }

    private Outcome update(FederatedBundle given, UnaryOperator<FederatedBundle> change) {
        return federated
                .update(given.trustDomain(), change)
                .map(Outcome::done)
                .orElseGet(() -> Outcome.refused(Code.NOT_FOUND, "bundle not found"));
    }

    private static FederatedBundle merged(FederatedBundle old, FederatedBundle given, BundleMask mask) {
        return BundleMessages.value(Masks.merged(BundleMessages.message(old), BundleMessages.message(given), mask));
    }

    @Override
    public void batchSetFederatedBundle(
            BatchSetFederatedBundleRequest request, StreamObserver<BatchSetFederatedBundleResponse> response) {
        var shown = shown(request.hasOutputMask(), request.getOutputMask());
        var results = BatchSetFederatedBundleResponse.newBuilder();
        for (var given : request.getBundleList()) {
            var outcome = checked(given, "setting", bundle -> {
                federated.set(bundle);
                return Outcome.done(bundle);
            });
            var result = results.addResultsBuilder().setStatus(outcome.status());
            outcome.bundle().map(shown).ifPresent(result::setBundle);
        }
        response.onNext(results.build());
        response.onCompleted();
    }

    /** @param doing what is done with it, in the words of a refusal */
    private Outcome checked(Bundle given, String doing, Function<FederatedBundle, Outcome> then) {
        TrustDomain of;
        try {
            of = Ids.trustDomain(given.getTrustDomain());
        } catch (IllegalArgumentException e) {
            return Outcome.refused(Code.INVALID_ARGUMENT, INVALID_NAME + e.getMessage());
        }
        if (of.equals(trustDomain)) {
            return Outcome.refused(
                    Code.INVALID_ARGUMENT,
                    doing + " a federated bundle for the server's own trust domain is not allowed");
        }
        FederatedBundle bundle;
        try {
            bundle = BundleMessages.value(given);
        } catch (IllegalArgumentException e) {
            return Outcome.refused(Code.INVALID_ARGUMENT, "failed to convert bundle: " + e.getMessage());
        }
        return then.apply(bundle);
    }

    @Override
    public void batchDeleteFederatedBundle(
            BatchDeleteFederatedBundleRequest request, StreamObserver<BatchDeleteFederatedBundleResponse> response) {
        var mode = mode(request);
        var results = BatchDeleteFederatedBundleResponse.newBuilder();
        for (var name : request.getTrustDomainsList()) {
            results.addResultsBuilder().setStatus(delete(name, mode)).setTrustDomain(name);
        }
        response.onNext(results.build());
        response.onCompleted();
    }

    private static DeleteMode mode(BatchDeleteFederatedBundleRequest request) {
        return switch (request.getMode()) {
            case RESTRICT -> DeleteMode.RESTRICT;
            case DELETE -> DeleteMode.DELETE;
            case DISSOCIATE -> DeleteMode.DISSOCIATE;
            case UNRECOGNIZED ->
                throw refused(
                        Code.INVALID_ARGUMENT,
                        "failed to parse deletion mode: unhandled delete mode \"" + request.getModeValue() + "\"");
        };
    }

    private Status delete(String name, DeleteMode mode) {
        TrustDomain of;
        try {
            of = Ids.trustDomain(name);
        } catch (IllegalArgumentException e) {
            return Results.of(Code.INVALID_ARGUMENT, INVALID_NAME + e.getMessage());
        }
        if (of.equals(trustDomain)) {
            return Results.of(Code.INVALID_ARGUMENT, "removing the bundle for the server trust domain is not allowed");
        }
        return switch (federated.delete(of, mode)) {
            case Deleted.Done() -> Results.OK;
            case Deleted.Missing() -> Results.of(Code.NOT_FOUND, "bundle not found");
            case Deleted.Restricted(var entries) ->
                Results.of(
                        Code.FAILED_PRECONDITION,
                        "failed to delete federated bundle: datastore-sql: cannot delete bundle; federated with "
                                + entries + " registration entries");
        };
    }

    private static UnaryOperator<Bundle> shown(boolean masked, BundleMask mask) {
        return bundle -> masked ? Masks.shown(bundle, mask) : bundle;
    }

    private static StatusRuntimeException refused(Code code, String message) {
        return code.toStatus().withDescription(message).asRuntimeException();
    }

    private Bundle own() {
        return own(authorities.current().published());
    }

    private Bundle own(Published published) {
        var bundle =
                Bundle.newBuilder().setTrustDomain(trustDomain.name()).setSequenceNumber(published.sequenceNumber());
        for (var authority : published.authorities()) {
            switch (authority.kind()) {
                case X509 ->
                    bundle.addX509Authorities(X509Certificate.newBuilder()
                            .setAsn1(ByteString.copyFrom(Trusted.der(authority)))
                            .setTainted(authority.tainted()));
                case JWT -> bundle.addJwtAuthorities(Trusted.message(authority));
            }
        }
        return bundle.build();
    }
}
