// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.workload;

import io.countersign.agent.attest.Attestation;
import io.countersign.agent.attest.WorkloadAttestors;
import io.countersign.agent.endpoint.SnapshotStream;
import io.countersign.agent.entry.RegistrationEntry;
import io.countersign.agent.identity.Answers;
import io.countersign.agent.identity.JwtSvids;
import io.countersign.agent.identity.Snapshot;
import io.countersign.agent.identity.Snapshots;
import io.countersign.spiffe.SpiffeId;
import io.countersign.spiffe.TrustDomain;
import io.countersign.spiffe.bundle.BundleSource;
import io.countersign.spiffe.bundle.TrustBundle;
import io.countersign.spiffe.jwt.JwtSvid;
import io.countersign.workloadapi.proto.JWTBundlesRequest;
import io.countersign.workloadapi.proto.JWTBundlesResponse;
import io.countersign.workloadapi.proto.JWTSVID;
import io.countersign.workloadapi.proto.JWTSVIDRequest;
import io.countersign.workloadapi.proto.JWTSVIDResponse;
import io.countersign.workloadapi.proto.SpiffeWorkloadAPIGrpc.SpiffeWorkloadAPIImplBase;
import io.countersign.workloadapi.proto.ValidateJWTSVIDRequest;
import io.countersign.workloadapi.proto.ValidateJWTSVIDResponse;
import io.countersign.workloadapi.proto.X509BundlesRequest;
import io.countersign.workloadapi.proto.X509BundlesResponse;
import io.countersign.workloadapi.proto.X509SVIDRequest;
import io.countersign.workloadapi.proto.X509SVIDResponse;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The Workload API (SPIFFE Workload API sections 5 and 6) for callers on this machine. Who the caller is, is found out
 * once a call; what it may have, anew for each answer.
 */
public final class WorkloadService extends SpiffeWorkloadAPIImplBase {
    private final WorkloadAttestors attestors;
    private final Snapshots snapshots;
    private final SnapshotStream streams;
    private final JwtSvids jwtSvids;
    private final boolean unauthenticatedVerifiers;
    private final Set<String> foreignClaims;
    private final InstantSource clock;
    private final Answers<Attestation, List<RegistrationEntry>> entries = new Answers<>();
    private final Answers<Attestation, Optional<X509SVIDResponse>> x509Svids = new Answers<>();

    public WorkloadService(
            WorkloadAttestors attestors,
            Snapshots snapshots,
            JwtSvids jwtSvids,
            boolean unauthenticatedVerifiers,
            Set<String> foreignClaims,
            InstantSource clock) {
        this.attestors = attestors;
        this.snapshots = snapshots;
        this.streams = new SnapshotStream(snapshots);
        this.jwtSvids = jwtSvids;
        this.unauthenticatedVerifiers = unauthenticatedVerifiers;
        this.foreignClaims = foreignClaims;
        this.clock = clock;
    }

    @Override
    public void fetchX509SVID(X509SVIDRequest request, StreamObserver<X509SVIDResponse> client) {
        var caller = attestors.attestCaller();
        streams.serve(
                client,
                snapshot ->
                        x509Svids.get(snapshot, caller, who -> Responses.x509Svids(snapshot, required(snapshot, who))));
    }

    @Override
    public void fetchX509Bundles(X509BundlesRequest request, StreamObserver<X509BundlesResponse> client) {
        var caller = attestors.attestCaller();
        streams.serve(client, snapshot -> Optional.of(Responses.x509Bundles(snapshot, verifier(snapshot, caller))));
    }

    @Override
    public void fetchJWTBundles(JWTBundlesRequest request, StreamObserver<JWTBundlesResponse> client) {
        var caller = attestors.attestCaller();
        streams.serve(client, snapshot -> Optional.of(Responses.jwtBundles(snapshot, verifier(snapshot, caller))));
    }

    @Override
    public void fetchJWTSVID(JWTSVIDRequest request, StreamObserver<JWTSVIDResponse> client) {
        var audience = request.getAudienceList().stream()
                .filter(word -> !word.isEmpty())
                .toList();
        if (audience.isEmpty()) {
            throw refusal(Status.Code.INVALID_ARGUMENT, "audience must be specified");
        }
        var wanted = wanted(request);
        var caller = attestors.attestCaller();
        var entries = required(snapshots.current(), caller).stream()
                .filter(entry -> wanted.isEmpty() || wanted.get().equals(entry.spiffeId()))
                .toList();
        if (entries.isEmpty()) {
            throw refusal(Status.Code.PERMISSION_DENIED, "no identity issued");
        }
        var response = JWTSVIDResponse.newBuilder();
        for (var entry : entries) {
            response.addSvids(message(entry, jwtSvids.fetch(entry, audience)));
        }
        client.onNext(response.build());
        client.onCompleted();
    }

    private static JWTSVID message(RegistrationEntry entry, JwtSvid svid) {
        return JWTSVID.newBuilder()
                .setSpiffeId(svid.id().toString())
                .setSvid(svid.token())
                .setHint(entry.hint())
                .build();
    }

    private static Optional<SpiffeId> wanted(JWTSVIDRequest request) {
        try {
            return Optional.of(request.getSpiffeId())
                    .filter(id -> !id.isEmpty())
                    .map(SpiffeId::parse);
        } catch (IllegalArgumentException e) {
            throw refusal(Status.Code.INVALID_ARGUMENT, "invalid requested SPIFFE ID: " + e.getMessage());
        }
    }

    /** A caller without an identity may do this, too, with the own bundle: a verdict gives nothing away. */
    @Override
    public void validateJWTSVID(ValidateJWTSVIDRequest request, StreamObserver<ValidateJWTSVIDResponse> client) {
        if (request.getAudience().isEmpty()) {
            throw refusal(Status.Code.INVALID_ARGUMENT, "audience must be specified");
        }
        if (request.getSvid().isEmpty()) {
            throw refusal(Status.Code.INVALID_ARGUMENT, "svid must be specified");
        }
        var snapshot = snapshots.current();
        var visible = visible(snapshot, entries(snapshot, attestors.attestCaller()));
        JwtSvid svid;
        try {
            svid = JwtSvid.parseAndValidate(request.getSvid(), visible, Set.of(request.getAudience()), clock.instant());
        } catch (IllegalArgumentException e) {
            throw refusal(Status.Code.INVALID_ARGUMENT, String.valueOf(e.getMessage()));
        }
        client.onNext(ValidateJWTSVIDResponse.newBuilder()
                .setSpiffeId(svid.id().toString())
                .setClaims(Claims.of(svid, snapshot.trustDomain(), foreignClaims))
                .build());
        client.onCompleted();
    }

    private static BundleSource visible(Snapshot snapshot, List<RegistrationEntry> entries) {
        Map<TrustDomain, TrustBundle> bundles = new HashMap<>(snapshot.federatedBundles(entries));
        bundles.put(snapshot.trustDomain(), snapshot.ownBundle());
        return domain -> Optional.ofNullable(bundles.get(domain));
    }

    private List<RegistrationEntry> entries(Snapshot snapshot, Attestation caller) {
        return entries.get(snapshot, caller, snapshot::entriesOfByHint);
    }

    private List<RegistrationEntry> required(Snapshot snapshot, Attestation caller) {
        var found = entries(snapshot, caller);
        if (found.isEmpty()) {
            throw refusal(Status.Code.PERMISSION_DENIED, "no identity issued");
        }
        return found;
    }

    private List<RegistrationEntry> verifier(Snapshot snapshot, Attestation caller) {
        return unauthenticatedVerifiers ? entries(snapshot, caller) : required(snapshot, caller);
    }

    private static StatusRuntimeException refusal(Status.Code code, String words) {
        return code.toStatus().withDescription(words).asRuntimeException();
    }
}
