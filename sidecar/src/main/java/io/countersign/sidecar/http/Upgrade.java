// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.http;

import io.countersign.sidecar.bootstrap.HttpConnections;
import io.countersign.sidecar.bootstrap.RouteTable.Target;
import io.countersign.sidecar.exchange.Exchange;
import io.countersign.sidecar.exchange.ResponseFlag;
import io.countersign.sidecar.tcp.Tunnel;
import io.countersign.sidecar.upstream.UpstreamStream;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import java.util.Locale;

/** A connection of requests that becomes one of bytes, as WebSockets want it (RFC 9110, section 7.8). */
final class Upgrade {
    private Upgrade() {}

    /** Whether the file lets this protocol through, at the route or else for all of them. */
    static boolean isAllowed(HttpRequest request, HttpConnections config, Router.Found found) {
        var protocol = request.headers().get(HttpHeaderNames.UPGRADE, "").toLowerCase(Locale.ROOT);
        boolean everywhere = config.upgrades().contains(protocol);
        return switch (found.route().target()) {
            case Target.ToCluster to -> to.upgrades().getOrDefault(protocol, everywhere);
            case Target.Answer answer -> everywhere;
        };
    }

    /**
     * Passes the upstream's consent on and joins the two connections. Both lose what knows of HTTP; bytes that came together
     * with the last head are carried first.
     *
     * @param head the consent
     * @param ended called once, when both are closed or closing
     */
    static void join(
            Channel client,
            Tries carrying,
            HttpResponse head,
            HttpConnections config,
            Exchange exchange,
            Runnable ended) {
        var upstream = carrying.connection().channel();
        var _ = client.writeAndFlush(head);
        Tunnel.join(client, upstream, exchange, config.timeouts().streamIdle(), () -> {
            if (upstream.isActive()) {
                exchange.flag(ResponseFlag.DC);
                exchange.details("downstream_remote_disconnect");
            } else {
                exchange.flag(ResponseFlag.UC);
                exchange.details("upstream_reset_after_response_started{connection_termination}");
            }
            ended.run();
        });
        client.pipeline().remove(HttpStream.class);
        client.pipeline().remove(RequestCodec.class);
        client.pipeline().remove(HeadClock.class);
        upstream.pipeline().remove(UpstreamStream.class);
        upstream.pipeline().remove(HttpClientCodec.class);
        client.flush();
        upstream.flush();
    }
}
