// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.tcp;

import io.countersign.sidecar.accesslog.AccessLogs;
import io.countersign.sidecar.bootstrap.ListenerConfig.TcpTunnel;
import io.countersign.sidecar.exchange.Exchange;
import io.countersign.sidecar.exchange.ResponseFlag;
import io.countersign.sidecar.exchange.TlsFacts;
import io.countersign.sidecar.stats.Stats;
import io.countersign.sidecar.tls.Expiry;
import io.countersign.sidecar.upstream.Connection;
import io.countersign.sidecar.upstream.UpstreamCluster;
import io.countersign.sidecar.upstream.UpstreamFailure;
import io.netty.channel.Channel;
import org.jspecify.annotations.Nullable;

/** Connects each client to the listener's cluster and joins the two connections. Thread-safe. */
public final class TcpService {
    private final TcpTunnel config;
    private final UpstreamCluster cluster;
    private final AccessLogs logs;
    private final Stats stats;
    private final String stat;

    public TcpService(TcpTunnel config, UpstreamCluster cluster, AccessLogs logs, Stats stats) {
        this.config = config;
        this.cluster = cluster;
        this.logs = logs;
        this.stats = stats;
        this.stat = "tcp." + config.statPrefix() + ".";
    }

    /**
     * Call it on the channel's event loop.
     *
     * @param requestedServerName whom the client has asked for, or empty
     */
    public void serve(Channel client, @Nullable TlsFacts tls, String requestedServerName) {
        stats.count(stat + "downstream_cx_total");
        client.config().setAutoRead(false);
        var early = new EarlyBytes();
        client.pipeline().addLast(early);
        var exchange = new Exchange(client.remoteAddress(), client.localAddress(), tls);
        exchange.requestedServerName(requestedServerName);
        exchange.routed("", cluster.config().observedName());
        cluster.connect(client.eventLoop(), new Connection.Waiting() {
            @Override
            public void connected(Connection upstream) {
                exchange.upstream(upstream.host(), upstream.channel().localAddress(), upstream.tls());
                cluster.watch(upstream, new Expiry.Ending() {
                    @Override
                    public void retire() {
                        // bytes have no last request
                    }

                    @Override
                    public void expire() {
                        Expiry.closeNow(upstream.channel());
                    }
                });
                Tunnel.halfClosable(client);
                Tunnel.halfClosable(upstream.channel());
                Tunnel.join(client, upstream.channel(), exchange, config.idleTimeout(), () -> logs.log(exchange));
                if (client.pipeline().context(early) != null) {
                    client.pipeline().remove(early);
                }
            }

            @Override
            public void failed(UpstreamFailure failure, String host) {
                exchange.flag(failure.flag());
                if (failure.flag() == ResponseFlag.UF) {
                    // one attempt is all there is
                    exchange.flag(ResponseFlag.URX);
                }
                exchange.upstreamFailed(host, failure.transport());
                exchange.ended();
                logs.log(exchange);
                var _ = client.close();
            }
        });
    }
}
