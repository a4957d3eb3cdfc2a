// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.sds;

import io.countersign.agent.attest.Attestation;
import io.countersign.agent.attest.WorkloadAttestors;
import io.countersign.agent.config.AgentConfig.SdsNames;
import io.countersign.agent.identity.Snapshots;
import io.countersign.sdsapi.core.Node;
import io.countersign.sdsapi.discovery.DeltaDiscoveryRequest;
import io.countersign.sdsapi.discovery.DeltaDiscoveryResponse;
import io.countersign.sdsapi.discovery.DiscoveryRequest;
import io.countersign.sdsapi.discovery.DiscoveryResponse;
import io.countersign.sdsapi.secret.SecretDiscoveryServiceGrpc.SecretDiscoveryServiceImplBase;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;

/**
 * Envoy's secret discovery service, version 3, state of the world. Incremental discovery ({@code DeltaSecrets}) is
 * answered UNIMPLEMENTED, as the original does.
 */
public final class SecretService extends SecretDiscoveryServiceImplBase {
    private static final String PLAIN = "disable_spiffe_cert_validation";
    /** Envoy has had the SPIFFE validator since 1.18. */
    private static final int FIRST_MINOR = 18;

    private final WorkloadAttestors attestors;
    private final Snapshots snapshots;
    private final SdsNames names;

    public SecretService(WorkloadAttestors attestors, Snapshots snapshots, SdsNames names) {
        this.attestors = attestors;
        this.snapshots = snapshots;
        this.names = names;
    }

    @Override
    public StreamObserver<DiscoveryRequest> streamSecrets(StreamObserver<DiscoveryResponse> client) {
        var caller = attestors.attestCaller();
        return new SecretStream(
                        snapshots,
                        (snapshot, first, wanted) ->
                                new Secrets(snapshot, caller, names, isPlain(first.getNode())).select(wanted),
                        client)
                .start();
    }

    @Override
    public void fetchSecrets(DiscoveryRequest request, StreamObserver<DiscoveryResponse> client) {
        SecretStream.requireType(request);
        Attestation caller = attestors.attestCaller();
        var secrets = new Secrets(snapshots.current(), caller, names, isPlain(request.getNode()))
                .select(request.getResourceNamesList())
                .orElseThrow(() -> Status.UNAVAILABLE
                        .withDescription("the certificate is not issued yet; ask again")
                        .asRuntimeException());
        client.onNext(SecretStream.response(secrets, "", ""));
        client.onCompleted();
    }

    @Override
    public StreamObserver<DeltaDiscoveryRequest> deltaSecrets(StreamObserver<DeltaDiscoveryResponse> client) {
        throw Status.UNIMPLEMENTED.withDescription("Method is not implemented").asRuntimeException();
    }

    /** Whether the client wants, or can only use, a plain list of CAs. */
    private boolean isPlain(Node node) {
        var wish = node.getMetadata().getFieldsMap().get(PLAIN);
        if (wish != null && (wish.getBoolValue() || wish.getStringValue().equals("true"))) {
            return true;
        }
        var version = node.getUserAgentBuildVersion().getVersion();
        return names.plainValidation()
                || (node.hasUserAgentBuildVersion()
                        && version.getMajorNumber() == 1
                        && version.getMinorNumber() < FIRST_MINOR);
    }
}
