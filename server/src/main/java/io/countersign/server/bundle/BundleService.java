// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.bundle;

import com.google.protobuf.ByteString;
import io.countersign.datastore.authority.AuthorityJournal.Published;
import io.countersign.datastore.authority.AuthorityRecord;
import io.countersign.server.authority.Authorities;
import io.countersign.server.wire.Ids;
import io.countersign.server.wire.Masks;
import io.countersign.serverapi.bundle.BundleGrpc;
import io.countersign.serverapi.bundle.CountBundlesRequest;
import io.countersign.serverapi.bundle.CountBundlesResponse;
import io.countersign.serverapi.bundle.GetBundleRequest;
import io.countersign.serverapi.bundle.GetFederatedBundleRequest;
import io.countersign.serverapi.bundle.ListFederatedBundlesRequest;
import io.countersign.serverapi.bundle.ListFederatedBundlesResponse;
import io.countersign.serverapi.types.Bundle;
import io.countersign.serverapi.types.JWTKey;
import io.countersign.serverapi.types.X509Certificate;
import io.countersign.spiffe.TrustDomain;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.Base64;

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
            var material = ByteString.copyFrom(Base64.getDecoder().decode(authority.material()));
            switch (authority.kind()) {
                case X509 ->
                    bundle.addX509Authorities(
                            X509Certificate.newBuilder().setAsn1(material).setTainted(authority.tainted()));
                case JWT -> bundle.addJwtAuthorities(jwtKey(authority, material));
            }
        }
        return bundle.build();
    }

    private static JWTKey jwtKey(AuthorityRecord authority, ByteString material) {
        return JWTKey.newBuilder()
                .setPublicKey(material)
                .setKeyId(authority.authorityId())
                .setExpiresAt(authority.notAfter().getEpochSecond())
                .setTainted(authority.tainted())
                .build();
    }
}
