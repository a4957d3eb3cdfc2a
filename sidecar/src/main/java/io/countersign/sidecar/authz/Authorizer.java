// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.authz;

import com.google.protobuf.ByteString;
import io.countersign.sidecar.bootstrap.ExtAuthz;
import io.countersign.sidecar.exchange.Exchange;
import io.countersign.sidecar.upstream.GrpcCall;
import io.countersign.sidecar.upstream.HttpCall;
import io.countersign.sidecar.upstream.UpstreamCluster;
import io.netty.channel.EventLoop;
import java.util.Map;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks one service about requests. Thread-safe. */
public final class Authorizer {
    private static final Logger log = LoggerFactory.getLogger(Authorizer.class);
    private static final String METHOD = "/envoy.service.auth.v3.Authorization/Check";

    private final ExtAuthz settings;
    private final UpstreamCluster cluster;

    public Authorizer(ExtAuthz settings, UpstreamCluster cluster) {
        this.settings = settings;
        this.cluster = cluster;
    }

    /**
     * Call it on {@code loop}, where the answer comes, too, perhaps before this returns.
     *
     * @param extensions texts of the route
     * @return to give up by
     */
    public HttpCall ask(
            EventLoop loop, Exchange exchange, Map<String, String> extensions, Body body, Consumer<Verdict> whoWaits) {
        var message = CheckRequests.of(exchange, settings, extensions, body);
        return GrpcCall.start(
                cluster,
                loop,
                settings.service(),
                METHOD,
                message.toByteArray(),
                outcome -> whoWaits.accept(verdict(outcome)));
    }

    private Verdict verdict(GrpcCall.Outcome outcome) {
        var verdict = switch (outcome) {
            case GrpcCall.Outcome.Answered(ByteString message) -> Verdicts.parse(message);
            case GrpcCall.Outcome.Failed(String why) -> new Verdict.Failed(why);
        };
        if (verdict instanceof Verdict.Failed(String why)) {
            log.atDebug()
                    .addKeyValue("cluster", cluster.config().name())
                    .addKeyValue("reason", why)
                    .log("authorization service has not decided");
        }
        return verdict;
    }
}
