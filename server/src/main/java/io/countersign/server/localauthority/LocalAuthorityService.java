// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.localauthority;

import io.countersign.datastore.authority.AuthorityRecord.Kind;
import io.countersign.datastore.authority.AuthorityRecord.State;
import io.countersign.server.authority.Authorities;
import io.countersign.serverapi.localauthority.ActivateJWTAuthorityRequest;
import io.countersign.serverapi.localauthority.ActivateJWTAuthorityResponse;
import io.countersign.serverapi.localauthority.ActivateWITAuthorityRequest;
import io.countersign.serverapi.localauthority.ActivateWITAuthorityResponse;
import io.countersign.serverapi.localauthority.ActivateX509AuthorityRequest;
import io.countersign.serverapi.localauthority.ActivateX509AuthorityResponse;
import io.countersign.serverapi.localauthority.AuthorityState;
import io.countersign.serverapi.localauthority.GetJWTAuthorityStateRequest;
import io.countersign.serverapi.localauthority.GetJWTAuthorityStateResponse;
import io.countersign.serverapi.localauthority.GetWITAuthorityStateRequest;
import io.countersign.serverapi.localauthority.GetWITAuthorityStateResponse;
import io.countersign.serverapi.localauthority.GetX509AuthorityStateRequest;
import io.countersign.serverapi.localauthority.GetX509AuthorityStateResponse;
import io.countersign.serverapi.localauthority.LocalAuthorityGrpc;
import io.countersign.serverapi.localauthority.PrepareJWTAuthorityRequest;
import io.countersign.serverapi.localauthority.PrepareJWTAuthorityResponse;
import io.countersign.serverapi.localauthority.PrepareWITAuthorityRequest;
import io.countersign.serverapi.localauthority.PrepareWITAuthorityResponse;
import io.countersign.serverapi.localauthority.PrepareX509AuthorityRequest;
import io.countersign.serverapi.localauthority.PrepareX509AuthorityResponse;
import io.countersign.serverapi.localauthority.RevokeJWTAuthorityRequest;
import io.countersign.serverapi.localauthority.RevokeJWTAuthorityResponse;
import io.countersign.serverapi.localauthority.RevokeWITAuthorityRequest;
import io.countersign.serverapi.localauthority.RevokeWITAuthorityResponse;
import io.countersign.serverapi.localauthority.RevokeX509AuthorityRequest;
import io.countersign.serverapi.localauthority.RevokeX509AuthorityResponse;
import io.countersign.serverapi.localauthority.RevokeX509UpstreamAuthorityRequest;
import io.countersign.serverapi.localauthority.RevokeX509UpstreamAuthorityResponse;
import io.countersign.serverapi.localauthority.TaintJWTAuthorityRequest;
import io.countersign.serverapi.localauthority.TaintJWTAuthorityResponse;
import io.countersign.serverapi.localauthority.TaintWITAuthorityRequest;
import io.countersign.serverapi.localauthority.TaintWITAuthorityResponse;
import io.countersign.serverapi.localauthority.TaintX509AuthorityRequest;
import io.countersign.serverapi.localauthority.TaintX509AuthorityResponse;
import io.countersign.serverapi.localauthority.TaintX509UpstreamAuthorityRequest;
import io.countersign.serverapi.localauthority.TaintX509UpstreamAuthorityResponse;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.Locale;

/**
 * SPIRE's LocalAuthority service: an operator has an authority replaced out of turn. It is prepared, activated, then the old
 * one is tainted, so that agents replace what it has signed, and revoked at last.
 */
public final class LocalAuthorityService extends LocalAuthorityGrpc.LocalAuthorityImplBase {
    private final Authorities authorities;
    private final Operation x509;
    private final Operation jwt;

    public LocalAuthorityService(Authorities authorities) {
        this.authorities = authorities;
        this.x509 = new Operation(authorities, Kind.X509);
        this.jwt = new Operation(authorities, Kind.JWT);
    }

    @Override
    public void getJWTAuthorityState(
            GetJWTAuthorityStateRequest request, StreamObserver<GetJWTAuthorityStateResponse> response) {
        var operation = jwt();
        var state = GetJWTAuthorityStateResponse.newBuilder().setActive(operation.active());
        operation.beside(State.PREPARED).ifPresent(state::setPrepared);
        operation.beside(State.OLD).ifPresent(state::setOld);
        answer(response, state.build());
    }

    @Override
    public void prepareJWTAuthority(
            PrepareJWTAuthorityRequest request, StreamObserver<PrepareJWTAuthorityResponse> response) {
        answer(
                response,
                PrepareJWTAuthorityResponse.newBuilder()
                        .setPreparedAuthority(jwt().prepare())
                        .build());
    }

    @Override
    public void activateJWTAuthority(
            ActivateJWTAuthorityRequest request, StreamObserver<ActivateJWTAuthorityResponse> response) {
        var active = jwt().activate(request.getAuthorityId());
        answer(
                response,
                ActivateJWTAuthorityResponse.newBuilder()
                        .setActivatedAuthority(active)
                        .build());
    }

    @Override
    public void taintJWTAuthority(
            TaintJWTAuthorityRequest request, StreamObserver<TaintJWTAuthorityResponse> response) {
        var id = jwt().taint(request.getAuthorityId()).getAuthorityId();
        answer(
                response,
                TaintJWTAuthorityResponse.newBuilder()
                        .setTaintedAuthority(named(id))
                        .build());
    }

    @Override
    public void revokeJWTAuthority(
            RevokeJWTAuthorityRequest request, StreamObserver<RevokeJWTAuthorityResponse> response) {
        var id = request.getAuthorityId();
        jwt().requireUnused(id);
        jwt().revoke(id, "JWT");
        answer(
                response,
                RevokeJWTAuthorityResponse.newBuilder()
                        .setRevokedAuthority(named(id))
                        .build());
    }

    @Override
    public void getX509AuthorityState(
            GetX509AuthorityStateRequest request, StreamObserver<GetX509AuthorityStateResponse> response) {
        var operation = x509;
        var state = GetX509AuthorityStateResponse.newBuilder().setActive(operation.active());
        operation.beside(State.PREPARED).ifPresent(state::setPrepared);
        operation.beside(State.OLD).ifPresent(state::setOld);
        answer(response, state.build());
    }

    @Override
    public void prepareX509Authority(
            PrepareX509AuthorityRequest request, StreamObserver<PrepareX509AuthorityResponse> response) {
        answer(
                response,
                PrepareX509AuthorityResponse.newBuilder()
                        .setPreparedAuthority(x509.prepare())
                        .build());
    }

    @Override
    public void activateX509Authority(
            ActivateX509AuthorityRequest request, StreamObserver<ActivateX509AuthorityResponse> response) {
        var active = x509.activate(request.getAuthorityId());
        answer(
                response,
                ActivateX509AuthorityResponse.newBuilder()
                        .setActivatedAuthority(active)
                        .build());
    }

    @Override
    public void taintX509Authority(
            TaintX509AuthorityRequest request, StreamObserver<TaintX509AuthorityResponse> response) {
        if (authorities.hasUpstream()) {
            throw precondition("local authority can't be tainted if there is an upstream authority");
        }
        var tainted = x509.taint(request.getAuthorityId());
        answer(
                response,
                TaintX509AuthorityResponse.newBuilder()
                        .setTaintedAuthority(tainted)
                        .build());
    }

    @Override
    public void taintX509UpstreamAuthority(
            TaintX509UpstreamAuthorityRequest request, StreamObserver<TaintX509UpstreamAuthorityResponse> response) {
        var id = upstream(request.getSubjectKeyId(), "provided subject key id is not valid");
        x509.taint(id, "upstream");
        answer(
                response,
                TaintX509UpstreamAuthorityResponse.newBuilder()
                        .setUpstreamAuthoritySubjectKeyId(id)
                        .build());
    }

    @Override
    public void revokeX509Authority(
            RevokeX509AuthorityRequest request, StreamObserver<RevokeX509AuthorityResponse> response) {
        if (authorities.hasUpstream()) {
            throw precondition("local authority can't be revoked if there is an upstream authority");
        }
        var id = request.getAuthorityId();
        x509.requireOld(id);
        x509.revoke(id, "X.509");
        answer(
                response,
                RevokeX509AuthorityResponse.newBuilder()
                        .setRevokedAuthority(named(id))
                        .build());
    }

    @Override
    public void revokeX509UpstreamAuthority(
            RevokeX509UpstreamAuthorityRequest request, StreamObserver<RevokeX509UpstreamAuthorityResponse> response) {
        var id = upstream(request.getSubjectKeyId(), "invalid subject key ID");
        x509.revoke(id, "X.509 upstream");
        answer(
                response,
                RevokeX509UpstreamAuthorityResponse.newBuilder()
                        .setUpstreamAuthoritySubjectKeyId(id)
                        .build());
    }

    @Override
    public void getWITAuthorityState(
            GetWITAuthorityStateRequest request, StreamObserver<GetWITAuthorityStateResponse> response) {
        throw noWit();
    }

    @Override
    public void prepareWITAuthority(
            PrepareWITAuthorityRequest request, StreamObserver<PrepareWITAuthorityResponse> response) {
        throw noWit();
    }

    @Override
    public void activateWITAuthority(
            ActivateWITAuthorityRequest request, StreamObserver<ActivateWITAuthorityResponse> response) {
        throw noWit();
    }

    @Override
    public void taintWITAuthority(
            TaintWITAuthorityRequest request, StreamObserver<TaintWITAuthorityResponse> response) {
        throw noWit();
    }

    @Override
    public void revokeWITAuthority(
            RevokeWITAuthorityRequest request, StreamObserver<RevokeWITAuthorityResponse> response) {
        throw noWit();
    }

    private Operation jwt() {
        if (authorities.current().jwt().isEmpty()) {
            throw Status.UNIMPLEMENTED
                    .withDescription("JWT functionality is disabled")
                    .asRuntimeException();
        }
        return jwt;
    }

    /** The id as it is compared, of an authority above that only an old one of this server is below. */
    private String upstream(String subjectKeyId, String words) {
        if (!authorities.hasUpstream()) {
            throw precondition("upstream authority is not configured");
        }
        var id = subjectKeyId.toLowerCase(Locale.ROOT);
        x509.requireLeft(id, words);
        return id;
    }

    private static AuthorityState named(String authorityId) {
        return AuthorityState.newBuilder().setAuthorityId(authorityId).build();
    }

    private static <A> void answer(StreamObserver<A> response, A answer) {
        response.onNext(answer);
        response.onCompleted();
    }

    private static RuntimeException precondition(String words) {
        return Status.FAILED_PRECONDITION.withDescription(words).asRuntimeException();
    }

    private static RuntimeException noWit() {
        return Status.UNIMPLEMENTED
                .withDescription("WIT-SVID functionality is not yet implemented")
                .asRuntimeException();
    }
}
