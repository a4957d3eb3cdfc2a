// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.debug;

import io.countersign.datastore.federation.FederatedBundles;
import io.countersign.datastore.node.AttestedNodes;
import io.countersign.server.authority.Authorities;
import io.countersign.server.authority.ServerIdentity;
import io.countersign.server.entry.EntryCatalog;
import io.countersign.server.wire.Ids;
import io.countersign.serverapi.debug.DebugGrpc;
import io.countersign.serverapi.debug.GetInfoRequest;
import io.countersign.serverapi.debug.GetInfoResponse;
import io.countersign.serverapi.debug.GetInfoResponse.Cert;
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

    private final ServerIdentity identity;
    private final Authorities authorities;
    private final AttestedNodes nodes;
    private final EntryCatalog catalog;
    private final FederatedBundles bundles;
    private final InstantSource clock;
    private final Instant started;

    public DebugService(
            ServerIdentity identity,
            Authorities authorities,
            AttestedNodes nodes,
            EntryCatalog catalog,
            FederatedBundles bundles,
            InstantSource clock) {
        this.identity = identity;
        this.authorities = authorities;
        this.nodes = nodes;
        this.catalog = catalog;
        this.bundles = bundles;
        this.clock = clock;
        this.started = clock.instant();
    }

    @Override
    public void getInfo(GetInfoRequest request, StreamObserver<GetInfoResponse> response) {
        var info = GetInfoResponse.newBuilder()
                .setUptime(Math.toIntExact(
                        Duration.between(started, clock.instant()).toSeconds()))
                .setAgentsCount(nodes.list().size())
                // as with the original, the own bundle is one of them
                .setFederatedBundlesCount(1 + bundles.count())
                .setEntriesCount(catalog.current().size());
        chain().forEach(certificate -> info.addSvidChain(message(certificate)));
        response.onNext(info.build());
        response.onCompleted();
    }

    private List<X509Certificate> chain() {
        var chain = new ArrayList<>(identity.svid().chain());
        var last = chain.getLast();
        authorities.current().trust().x509Authorities().stream()
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
        idOf(certificate).ifPresent(id -> message.setId(Ids.message(id)));
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
