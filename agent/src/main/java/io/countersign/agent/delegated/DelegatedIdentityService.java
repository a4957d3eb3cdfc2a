// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.delegated;

import com.google.protobuf.ByteString;
import io.countersign.agent.attest.WorkloadAttestors;
import io.countersign.agent.endpoint.SnapshotStream;
import io.countersign.agent.entry.RegistrationEntry;
import io.countersign.agent.identity.IssuedSvid;
import io.countersign.agent.identity.JwtSvids;
import io.countersign.agent.identity.Snapshot;
import io.countersign.agent.identity.Snapshots;
import io.countersign.agent.server.Refusals;
import io.countersign.agentapi.delegated.DelegatedIdentityGrpc.DelegatedIdentityImplBase;
import io.countersign.agentapi.delegated.FetchJWTSVIDsRequest;
import io.countersign.agentapi.delegated.FetchJWTSVIDsResponse;
import io.countersign.agentapi.delegated.SubscribeToJWTBundlesRequest;
import io.countersign.agentapi.delegated.SubscribeToJWTBundlesResponse;
import io.countersign.agentapi.delegated.SubscribeToX509BundlesRequest;
import io.countersign.agentapi.delegated.SubscribeToX509BundlesResponse;
import io.countersign.agentapi.delegated.SubscribeToX509SVIDsRequest;
import io.countersign.agentapi.delegated.SubscribeToX509SVIDsResponse;
import io.countersign.agentapi.delegated.X509SVIDWithKey;
import io.countersign.serverapi.types.JWTSVID;
import io.countersign.serverapi.types.SPIFFEID;
import io.countersign.serverapi.types.X509SVID;
import io.countersign.spiffe.SpiffeId;
import io.countersign.spiffe.TrustDomain;
import io.countersign.spiffe.bundle.TrustBundle;
import io.countersign.spiffe.jwt.JwtSvid;
import io.countersign.spiffe.x509.Der;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * SPIRE's Delegated Identity API. Who the caller is, is found out once a call; whether it may act for others, and for
 * whom, anew for each answer, so that a delegate that has lost its entry loses its streams.
 */
public final class DelegatedIdentityService extends DelegatedIdentityImplBase {
    private final WorkloadAttestors attestors;
    private final Delegates delegates;
    private final Snapshots snapshots;
    private final SnapshotStream streams;
    private final JwtSvids tokens;

    /** @param authorized the identities that make a caller a delegate */
    public DelegatedIdentityService(
            WorkloadAttestors attestors, Set<SpiffeId> authorized, Snapshots snapshots, JwtSvids tokens) {
        this.attestors = attestors;
        this.delegates = new Delegates(attestors, authorized);
        this.snapshots = snapshots;
        this.streams = new SnapshotStream(snapshots);
        this.tokens = tokens;
    }

    @Override
    public void subscribeToX509SVIDs(
            SubscribeToX509SVIDsRequest request, StreamObserver<SubscribeToX509SVIDsResponse> client) {
        var caller = delegates.caller(snapshots.current());
        var subject = Subject.of(attestors, request.getPid(), request.getSelectorsList());
        streams.serve(client, snapshot -> {
            delegates.require(snapshot, caller);
            subject.requireAlive();
            return x509Svids(snapshot, subject.entries(snapshot));
        });
    }

    /** Nothing as long as one of the entries has no certificate. */
    private static Optional<SubscribeToX509SVIDsResponse> x509Svids(
            Snapshot snapshot, List<RegistrationEntry> entries) {
        var response = SubscribeToX509SVIDsResponse.newBuilder();
        for (var entry : entries) {
            var issued = Optional.ofNullable(snapshot.svids().get(entry.id()));
            if (issued.isEmpty()) {
                return Optional.empty();
            }
            response.addX509Svids(svid(entry, issued.get()));
        }
        snapshot.federatedX509Bundles(entries).keySet().forEach(domain -> response.addFederatesWith(domain.idString()));
        return Optional.of(response.build());
    }

    private static X509SVIDWithKey svid(RegistrationEntry entry, IssuedSvid issued) {
        var svid = issued.svid();
        var message = X509SVID.newBuilder()
                .setId(id(svid.id()))
                .setExpiresAt(svid.expiresAt().getEpochSecond())
                .setHint(entry.hint());
        svid.chain()
                .forEach(certificate ->
                        message.addCertChain(ByteString.copyFrom(Der.encodeCertificates(List.of(certificate)))));
        return X509SVIDWithKey.newBuilder()
                .setX509Svid(message)
                .setX509SvidKey(ByteString.copyFrom(svid.privateKey().getEncoded()))
                .build();
    }

    private static SPIFFEID id(SpiffeId id) {
        return SPIFFEID.newBuilder()
                .setTrustDomain(id.trustDomain().name())
                .setPath(id.path())
                .build();
    }

    @Override
    public void fetchJWTSVIDs(FetchJWTSVIDsRequest request, StreamObserver<FetchJWTSVIDsResponse> client) {
        if (request.getAudienceCount() == 0) {
            throw Status.INVALID_ARGUMENT
                    .withDescription("audience must be specified")
                    .asRuntimeException();
        }
        var snapshot = snapshots.current();
        var _ = delegates.caller(snapshot);
        var subject = Subject.of(attestors, request.getPid(), request.getSelectorsList());
        var entries = subject.entries(snapshot);
        if (entries.isEmpty()) {
            throw Delegates.denied("no identity issued");
        }
        var response = FetchJWTSVIDsResponse.newBuilder();
        for (var entry : entries) {
            response.addSvids(token(entry, request.getAudienceList()));
        }
        subject.requireAlive();
        client.onNext(response.build());
        client.onCompleted();
    }

    private JWTSVID token(RegistrationEntry entry, List<String> audience) {
        JwtSvid svid;
        try {
            svid = tokens.fetch(entry, audience);
        } catch (StatusRuntimeException e) {
            throw Status.UNAVAILABLE
                    .withDescription("could not fetch JWT-SVID: " + Refusals.words(e))
                    .withCause(e)
                    .asRuntimeException();
        }
        return JWTSVID.newBuilder()
                .setToken(svid.token())
                .setId(id(svid.id()))
                .setExpiresAt(svid.expiresAt().getEpochSecond())
                .setIssuedAt(svid.claims().get("iat") instanceof Number issued ? issued.longValue() : 0)
                .setHint(entry.hint())
                .build();
    }

    @Override
    public void subscribeToX509Bundles(
            SubscribeToX509BundlesRequest request, StreamObserver<SubscribeToX509BundlesResponse> client) {
        var caller = delegates.caller(snapshots.current());
        streams.serve(client, snapshot -> {
            delegates.require(snapshot, caller);
            return Optional.of(SubscribeToX509BundlesResponse.newBuilder()
                    .putAllCaCertificates(bundles(
                            snapshot,
                            bundle -> !bundle.x509Authorities().isEmpty(),
                            bundle -> ByteString.copyFrom(Der.encodeCertificates(bundle.x509Authorities()))))
                    .build());
        });
    }

    @Override
    public void subscribeToJWTBundles(
            SubscribeToJWTBundlesRequest request, StreamObserver<SubscribeToJWTBundlesResponse> client) {
        var caller = delegates.caller(snapshots.current());
        streams.serve(client, snapshot -> {
            delegates.require(snapshot, caller);
            return Optional.of(SubscribeToJWTBundlesResponse.newBuilder()
                    .putAllBundles(bundles(snapshot, _ -> true, bundle -> ByteString.copyFromUtf8(bundle.toJwks())))
                    .build());
        });
    }

    /** All that this node knows; one that it does not need any more is not among them, other than with the original. */
    private static Map<String, ByteString> bundles(
            Snapshot snapshot, Predicate<TrustBundle> wanted, Function<TrustBundle, ByteString> encoded) {
        var all = new TreeMap<String, ByteString>();
        for (Map.Entry<TrustDomain, TrustBundle> known : snapshot.bundles().entrySet()) {
            if (wanted.test(known.getValue())) {
                all.put(known.getKey().idString(), encoded.apply(known.getValue()));
            }
        }
        return all;
    }
}
