// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.node;

import io.countersign.agent.config.AgentConfig.NodeAttestorConfig.X509PopSvid;
import io.countersign.agent.server.Server.Proof;
import io.countersign.workloadapi.WorkloadApiClient;
import io.countersign.workloadapi.WorkloadApiException;
import java.io.IOException;
import java.time.Duration;

/**
 * As {@link X509PopAttestor}, by the SVID that another agent gives this one, which is asked for anew for each attempt. That the
 * other is away, or knows nothing of this one yet, may change.
 */
record X509PopSvidAttestor(X509PopSvid place) implements NodeAttestor {
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    @Override
    public Proof proof() throws IOException {
        try (var client = WorkloadApiClient.connect(place.address(), PATIENCE)) {
            var svid = client.fetchX509Context().defaultSvid();
            return X509PopAttestor.proof(svid.chain(), X509PopSigner.of(svid.privateKey()));
        } catch (WorkloadApiException e) {
            throw new AwayException(
                    "spiffe_endpoint_socket " + place.address() + " gives no identity: " + e.getMessage(), e);
        } catch (IllegalArgumentException e) {
            throw new IOException(
                    "the identity that spiffe_endpoint_socket " + place.address() + " gives cannot be used: "
                            + e.getMessage(),
                    e);
        }
    }
}
