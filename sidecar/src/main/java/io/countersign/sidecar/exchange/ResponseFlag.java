// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.exchange;

/** Why an answer was not the upstream's, by Envoy's short and long names. */
public enum ResponseFlag {
    UH("NoHealthyUpstream"),
    UF("UpstreamConnectionFailure"),
    UO("UpstreamOverflow"),
    NR("NoRouteFound"),
    UT("UpstreamRequestTimeout"),
    UC("UpstreamConnectionTermination"),
    UR("UpstreamRemoteReset"),
    UPE("UpstreamProtocolError"),
    DC("DownstreamConnectionTermination"),
    URX("UpstreamRetryLimitExceeded"),
    DPE("DownstreamProtocolError"),
    SI("StreamIdleTimeout"),
    DT("DurationTimeout"),
    NC("NoClusterFound"),
    UAEX("UnauthorizedExternalService");

    private final String longName;

    ResponseFlag(String longName) {
        this.longName = longName;
    }

    public String longName() {
        return longName;
    }
}
