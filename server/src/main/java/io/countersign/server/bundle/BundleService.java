// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.bundle;

import com.google.protobuf.ByteString;
import io.countersign.datastore.authority.TrustedAuthorities.Published;
import io.countersign.server.authority.Authorities;
import io.countersign.server.wire.Ids;
import io.countersign.server.wire.Masks;
import io.countersign.server.wire.Trusted;
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
import io.countersign.serverapi.types.X509Certificate;
import io.countersign.spiffe.TrustDomain;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.io.IOException;

/** SPIRE's Bundle service, for the bundle of this trust domain; there are none of others here. */
public final class BundleService extends BundleGrpc.BundleImplBase {
    private final TrustDomain trustDomain;
    private final Authorities authorities;

    public BundleService(TrustDomain trustDomain, Authorities authorities) {
        this.trustDomain = trustDomain;
        this.authorities = authorities;
    }

    @Override
    public void countBundles(CountBundlesRequest request, StreamObserver<CountBundlesResponse> response) {
        response.onNext(CountBundlesResponse.newBuilder().setCount(1).build());
        response.onCompleted();
    }

    @Override
    public void getBundle(GetBundleRequest request, StreamObserver<Bundle> response) {
        var bundle = message(authorities.current().published());
        response.onNext(request.hasOutputMask() ? Masks.shown(bundle, request.getOutputMask()) : bundle);
        response.onCompleted();
    }

    @Override
    public void publishJWTAuthority(
            PublishJWTAuthorityRequest request, StreamObserver<PublishJWTAuthorityResponse> response) {
        if (!request.hasJwtAuthority()) {
            throw Status.INVALID_ARGUMENT
                    .withDescription("missing JWT authority")
                    .asRuntimeException();
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
            throw Status.INVALID_ARGUMENT
                    .withDescription("invalid JWT authority: " + e.getMessage())
                    .withCause(e)
                    .asRuntimeException();
        } catch (IOException e) {
            throw Status.INTERNAL
                    .withDescription("failed to publish JWT key: " + e.getMessage())
                    .withCause(e)
                    .asRuntimeException();
        }
    }

    @Override
    public void publishWITAuthority(
            PublishWITAuthorityRequest request, StreamObserver<PublishWITAuthorityResponse> response) {
        throw Status.UNIMPLEMENTED
                .withDescription("WIT-SVID functionality is not yet implemented")
                .asRuntimeException();
    }

    @Override
    public void listFederatedBundles(
            ListFederatedBundlesRequest request, StreamObserver<ListFederatedBundlesResponse> response) {
        response.onNext(ListFederatedBundlesResponse.getDefaultInstance());
        response.onCompleted();
    }

    @Override
    public void getFederatedBundle(GetFederatedBundleRequest request, StreamObserver<Bundle> response) {
        TrustDomain asked;
        try {
            asked = Ids.trustDomain(request.getTrustDomain());
        } catch (IllegalArgumentException e) {
            throw Status.INVALID_ARGUMENT
                    .withDescription("trust domain argument is not valid: " + e.getMessage())
                    .withCause(e)
                    .asRuntimeException();
        }
        if (asked.equals(trustDomain)) {
            throw Status.INVALID_ARGUMENT
                    .withDescription("getting a federated bundle for the server's own trust domain is not allowed")
                    .asRuntimeException();
        }
        throw Status.NOT_FOUND.withDescription("bundle not found").asRuntimeException();
    }

    private Bundle message(Published published) {
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
