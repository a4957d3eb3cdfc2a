// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.admin;

import io.countersign.agent.identity.JwtSvids;
import io.countersign.agent.identity.Snapshots;
import io.countersign.agent.node.OwnIdentity;
import io.countersign.agent.sync.Upkeep;
import io.countersign.agentapi.debug.DebugGrpc;
import io.countersign.agentapi.debug.GetInfoRequest;
import io.countersign.agentapi.debug.GetInfoResponse;
import io.countersign.agentapi.debug.GetInfoResponse.Cert;
import io.countersign.serverapi.types.SPIFFEID;
import io.countersign.spiffe.SpiffeId;
import io.countersign.spiffe.x509.X509SvidException;
import io.countersign.spiffe.x509.X509SvidValidator;
import io.grpc.stub.StreamObserver;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.security.auth.x500.X500Principal;

/** SPIRE's Debug service. */
public final class DebugService extends DebugGrpc.DebugImplBase {
    private static final Map<String, String> GO_NAMES = Map.of("2.5.4.5", "SERIALNUMBER");

    private final OwnIdentity own;
    private final Snapshots snapshots;
    private final JwtSvids tokens;
    private final Upkeep upkeep;
    private final InstantSource clock;
    private final Instant started;

    public DebugService(OwnIdentity own, Snapshots snapshots, JwtSvids tokens, Upkeep upkeep, InstantSource clock) {
        this.own = own;
        this.snapshots = snapshots;
        this.tokens = tokens;
        this.upkeep = upkeep;
        this.clock = clock;
        this.started = clock.instant();
    }

    @Override
    public void getInfo(GetInfoRequest request, StreamObserver<GetInfoResponse> response) {
        int svids = snapshots.current().svids().size();
        var info = GetInfoResponse.newBuilder()
                .setUptime(Math.toIntExact(
                        Duration.between(started, clock.instant()).toSeconds()))
                .setSvidsCount(svids)
                .setCachedX509SvidsCount(svids)
                .setCachedJwtSvidsCount(tokens.count())
                .setLastSyncSuccess(upkeep.lastSync().getEpochSecond());
        chain().forEach(certificate -> info.addSvidChain(message(certificate)));
        response.onNext(info.build());
        response.onCompleted();
    }

    /** To the authority in the bundle. */
    private List<X509Certificate> chain() {
        var chain = new ArrayList<>(own.svid().chain());
        var last = chain.getLast();
        own.bundle().x509Authorities().stream()
                .filter(authority -> hasSigned(authority, last))
                .findFirst()
                .ifPresent(chain::add);
        return chain;
    }

    private static boolean hasSigned(X509Certificate authority, X509Certificate certificate) {
        try {
            certificate.verify(authority.getPublicKey());
            return true;
        } catch (GeneralSecurityException e) {
            // another one has
            return false;
        }
    }

    private static Cert message(X509Certificate certificate) {
        var message = Cert.newBuilder()
                .setExpiresAt(certificate.getNotAfter().toInstant().getEpochSecond())
                .setSubject(certificate.getSubjectX500Principal().getName(X500Principal.RFC2253, GO_NAMES));
        idOf(certificate)
                .ifPresent(id -> message.setId(SPIFFEID.newBuilder()
                        .setTrustDomain(id.trustDomain().name())
                        .setPath(id.path())));
        return message.build();
    }

    private static Optional<SpiffeId> idOf(X509Certificate certificate) {
        try {
            return Optional.of(X509SvidValidator.idOf(certificate));
        } catch (X509SvidException e) {
            // an authority need not have one
            return Optional.empty();
        }
    }
}
