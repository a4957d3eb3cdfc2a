// SPDX-License-Identifier: Apache-2.0
package io.countersign.oidc.keys;

import io.countersign.spiffe.TrustDomain;
import io.countersign.spiffe.bundle.JwtAuthority;
import io.countersign.workloadapi.WorkloadApiClient;
import io.countersign.workloadapi.WorkloadApiException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Asks an agent, which answers if this provider has an entry of its own. */
final class WorkloadFetch implements KeyFetch {
    private final WorkloadApiClient client;
    private final TrustDomain trustDomain;

    WorkloadFetch(Path socket, TrustDomain trustDomain) {
        this.client = WorkloadApiClient.connect(socket.toString());
        this.trustDomain = trustDomain;
    }

    @Override
    public List<JwtAuthority> fetch() throws IOException {
        try {
            return Optional.ofNullable(client.fetchJwtBundles().get(trustDomain))
                    .orElseThrow(() -> new IOException(
                            "No bundle for trust domain in Workload API response: " + trustDomain.idString()))
                    .jwtAuthorities();
        } catch (WorkloadApiException e) {
            throw new IOException("Failed to fetch JWKS from the Workload API: " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        client.close();
    }
}
