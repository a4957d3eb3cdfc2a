// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.metrics;

import io.countersign.launch.metrics.Counter;
import io.countersign.launch.metrics.Metrics;
import io.countersign.launch.metrics.Metrics.Labels;
import io.countersign.serverapi.agent.AttestAgentResponse;
import io.countersign.serverapi.agent.RenewAgentResponse;
import io.countersign.serverapi.svid.BatchNewX509SVIDResponse;
import io.countersign.serverapi.svid.MintJWTSVIDResponse;
import io.countersign.serverapi.svid.MintX509SVIDResponse;
import io.countersign.serverapi.svid.NewDownstreamX509CAResponse;
import io.countersign.serverapi.svid.NewJWTSVIDResponse;

/** Counts what is signed, by the answers that carry it. The original also counts what it signs for itself. */
final class SignedMetrics {
    private final Counter x509Svids;
    private final Counter jwtSvids;
    private final Counter authorities;

    SignedMetrics(Metrics metrics) {
        x509Svids = metrics.counter("server_ca_sign_x509_svid", Labels.NONE);
        jwtSvids = metrics.counter("server_ca_sign_jwt_svid", Labels.NONE);
        authorities = metrics.counter("server_ca_sign_x509_ca_svid", Labels.NONE);
    }

    void count(Object answer) {
        switch (answer) {
            case BatchNewX509SVIDResponse batch -> {
                for (int i = 0; i < batch.getResultsCount(); i++) {
                    x509Svids.add(batch.getResults(i).hasSvid() ? 1 : 0);
                }
            }
            case AttestAgentResponse attested -> x509Svids.add(attested.hasResult() ? 1 : 0);
            case RenewAgentResponse _, MintX509SVIDResponse _ -> x509Svids.add(1);
            case NewJWTSVIDResponse _, MintJWTSVIDResponse _ -> jwtSvids.add(1);
            case NewDownstreamX509CAResponse _ -> authorities.add(1);
            default -> {}
        }
    }
}
