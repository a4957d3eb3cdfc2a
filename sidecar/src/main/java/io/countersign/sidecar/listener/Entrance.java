// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.listener;

import io.countersign.sidecar.accesslog.AccessLogs;
import io.countersign.sidecar.bootstrap.ChainKinds;
import io.countersign.sidecar.bootstrap.ListenerConfig;
import io.countersign.sidecar.bootstrap.ListenerConfig.FilterChain;
import io.countersign.sidecar.exchange.Exchange;
import io.countersign.sidecar.exchange.ResponseFlag;
import io.countersign.sidecar.flow.WhileOpen;
import io.countersign.sidecar.stats.Stats;
import io.netty.channel.Channel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Finds the chain that a new connection is for. Looks first at the server's name, the whole before longer and shorter ends
 * of it, then at the transport, then at the protocols that the client offers; what was chosen is not gone back upon, also if
 * nothing fits further on, as with Envoy. Thread-safe.
 */
public final class Entrance {
    private final ListenerConfig config;
    private final Map<String, Map<String, Map<String, Pipelines>>> chains = new HashMap<>();
    private final @Nullable Pipelines otherwise;
    private final AccessLogs connections;
    private final Stats stats;
    private final String stat;

    /**
     * @param pipelines for each chain of the listener
     * @param connections where connections are logged when they end, also those that never came as far as a service
     */
    public Entrance(ListenerConfig config, Map<FilterChain, Pipelines> pipelines, AccessLogs connections, Stats stats) {
        this.config = config;
        this.connections = connections;
        this.stats = stats;
        this.stat = statPrefix(config);
        this.otherwise = config.otherwise().map(pipelines::get).orElse(null);
        for (var chain : config.chains()) {
            var built = Optional.ofNullable(pipelines.get(chain)).orElseThrow();
            for (var kind : ChainKinds.of(chain.match())) {
                chains.computeIfAbsent(kind.get(0), name -> new HashMap<>())
                        .computeIfAbsent(kind.get(1), transport -> new HashMap<>())
                        .put(kind.get(2), built);
            }
        }
    }

    /** Envoy's naming: the colon before the port becomes an underscore. */
    public static String statPrefix(ListenerConfig config) {
        return "listener." + config.address().toString().replace(':', '_') + ".";
    }

    /** There are too many already. */
    void turnAway(Channel channel) {
        stats.count(stat + "downstream_cx_overflow");
        var _ = channel.close();
    }

    void admit(Channel channel) {
        var exchange = new Exchange(channel.remoteAddress(), channel.localAddress(), null);
        channel.closeFuture().addListener(closed -> {
            exchange.ended();
            connections.log(exchange);
        });
        if (config.patience().isEmpty()) {
            enter(channel, exchange, FirstWords.PLAIN);
        } else {
            channel.pipeline().addLast(new Inspector(words -> enter(channel, exchange, words), () -> tooLong(channel)));
            closeIfSilent(channel, config.patience().get());
        }
    }

    private void closeIfSilent(Channel channel, Duration patience) {
        if (patience.isZero()) {
            return;
        }
        WhileOpen.after(channel, patience, () -> {
            if (channel.pipeline().get(Inspector.class) != null) {
                stats.count(stat + "downstream_pre_cx_timeout");
                var _ = channel.close();
            }
        });
    }

    /** Counted by Envoy for all listeners together. */
    private void tooLong(Channel channel) {
        stats.count("tls_inspector.client_hello_too_large");
        var _ = channel.close();
    }

    private void enter(Channel channel, Exchange exchange, FirstWords words) {
        exchange.requestedServerName(words.serverName());
        var chain = choose(words).or(() -> Optional.ofNullable(otherwise));
        if (chain.isPresent()) {
            chain.get().equip(channel, exchange);
        } else {
            stats.count(stat + "no_filter_chain_match");
            exchange.flag(ResponseFlag.NR);
            exchange.details("filter_chain_not_found");
            var _ = channel.close();
        }
    }

    private Optional<Pipelines> choose(FirstWords words) {
        return first(chains, names(words.serverName()))
                .flatMap(below -> first(below, List.of(ChainKinds.word(words.transport()), ChainKinds.ANY)))
                .flatMap(below -> first(below, withAny(words.protocols())));
    }

    private static <T> Optional<T> first(Map<String, T> map, List<String> keys) {
        return keys.stream()
                .flatMap(key -> Optional.ofNullable(map.get(key)).stream())
                .findFirst();
    }

    /** The name itself, then {@code *.} before each shorter end of it. */
    private static List<String> names(String serverName) {
        var names = new ArrayList<String>();
        if (!serverName.isEmpty()) {
            names.add(serverName);
            for (int dot = serverName.indexOf('.', 1); dot >= 0; dot = serverName.indexOf('.', dot + 1)) {
                names.add("*" + serverName.substring(dot));
            }
        }
        return withAny(names);
    }

    private static List<String> withAny(List<String> words) {
        var all = new ArrayList<>(words);
        all.add(ChainKinds.ANY);
        return all;
    }
}
