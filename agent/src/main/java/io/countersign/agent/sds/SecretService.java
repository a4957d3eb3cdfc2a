// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.sds;

import com.google.protobuf.Any;
import io.countersign.agent.attest.Attestation;
import io.countersign.agent.attest.WorkloadAttestors;
import io.countersign.agent.config.AgentConfig.SdsNames;
import io.countersign.agent.identity.Answers;
import io.countersign.agent.identity.Snapshots;
import io.countersign.rpc.BoundedLog;
import io.countersign.sdsapi.core.Node;
import io.countersign.sdsapi.discovery.DeltaDiscoveryRequest;
import io.countersign.sdsapi.discovery.DeltaDiscoveryResponse;
import io.countersign.sdsapi.discovery.DiscoveryRequest;
import io.countersign.sdsapi.discovery.DiscoveryResponse;
import io.countersign.sdsapi.secret.SecretDiscoveryServiceGrpc.SecretDiscoveryServiceImplBase;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.LoggerFactory;

/**
 * Envoy's secret discovery service, version 3. The incremental variant ({@code DeltaSecrets}) is one that the original has not.
 */
public final class SecretService extends SecretDiscoveryServiceImplBase {
    private static final String PLAIN = "disable_spiffe_cert_validation";
    /** Envoy has had the SPIFFE validator since 1.18. */
    private static final int FIRST_MINOR = 18;

    private final BoundedLog complaints = new BoundedLog(LoggerFactory.getLogger(SecretService.class), "such refusals");
    private final WorkloadAttestors attestors;
    private final Snapshots snapshots;
    private final SdsNames names;
    private final Answers<Question, Optional<Map<String, Any>>> answers = new Answers<>();

    private record Question(Attestation caller, boolean plain, List<String> names) {}

    public SecretService(WorkloadAttestors attestors, Snapshots snapshots, SdsNames names) {
        this.attestors = attestors;
        this.snapshots = snapshots;
        this.names = names;
    }

    @Override
    public StreamObserver<DiscoveryRequest> streamSecrets(StreamObserver<DiscoveryResponse> client) {
        return SecretStream.open(snapshots, new StateOfTheWorld(selection(), new Complaints(complaints)), client);
    }

    @Override
    public StreamObserver<DeltaDiscoveryRequest> deltaSecrets(StreamObserver<DeltaDiscoveryResponse> client) {
        return SecretStream.open(snapshots, new Increments(selection(), new Complaints(complaints)), client);
    }

    @Override
    public void fetchSecrets(DiscoveryRequest request, StreamObserver<DiscoveryResponse> client) {
        SecretType.require(request.getTypeUrl());
        var secrets = selection()
                .select(snapshots.current(), request.getNode(), request.getResourceNamesList())
                .orElseThrow(() -> Status.UNAVAILABLE
                        .withDescription("the certificate is not issued yet; ask again")
                        .asRuntimeException());
        client.onNext(StateOfTheWorld.response(secrets.values(), "", ""));
        client.onCompleted();
    }

    /** For the caller whose call this thread serves. */
    private Selection selection() {
        var caller = attestors.attestCaller();
        return (snapshot, node, wanted) -> answers.get(
                snapshot,
                new Question(caller, isPlain(node), distinct(wanted)),
                asked -> new Secrets(snapshot, asked.caller(), names, asked.plain()).select(asked.names()));
    }

    /** As they count, so that no more of a question is kept than a caller can be answered. */
    private static List<String> distinct(Collection<String> names) {
        return names.stream().filter(name -> !name.isEmpty()).distinct().toList();
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
