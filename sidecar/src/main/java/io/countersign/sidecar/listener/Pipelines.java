// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.listener;

import io.countersign.sidecar.bootstrap.HttpConnections;
import io.countersign.sidecar.bootstrap.HttpConnections.Codec;
import io.countersign.sidecar.bootstrap.ListenerConfig.FilterChain;
import io.countersign.sidecar.exchange.Exchange;
import io.countersign.sidecar.exchange.TlsFacts;
import io.countersign.sidecar.flow.Buffers;
import io.countersign.sidecar.flow.KnownFrames;
import io.countersign.sidecar.flow.Quiet;
import io.countersign.sidecar.flow.WhileOpen;
import io.countersign.sidecar.http.ClientConnection;
import io.countersign.sidecar.http.HeadBlockClock;
import io.countersign.sidecar.http.HttpService;
import io.countersign.sidecar.http.HttpStream;
import io.countersign.sidecar.http.OneLength;
import io.countersign.sidecar.http.RequestCodec;
import io.countersign.sidecar.stats.Stats;
import io.countersign.sidecar.tcp.TcpService;
import io.countersign.sidecar.tls.Expiry;
import io.countersign.sidecar.tls.TlsContext;
import io.countersign.sidecar.tls.TlsContexts;
import io.countersign.sidecar.tls.TlsFailure;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.handler.codec.http2.DefaultHttp2GoAwayFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.AttributeKey;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Builds what handles a new connection: TLS if configured, network rules, then HTTP or bytes. Thread-safe. */
public final class Pipelines {
    private static final Logger log = LoggerFactory.getLogger(Pipelines.class);
    private static final int WINDOW = 1 << 20;
    private static final int STREAMS = 1024;
    /** As many as Envoy lets one connection have, but anew in each window: one connection may carry the calls of many. */
    private static final int RESETS = 500;

    private static final int RESET_SECONDS = 10;
    private static final OneLength ONE_LENGTH = new OneLength();
    /** Of one head. A head has a limit, but pieces without content would come under any. */
    private static final int SMALL_PIECES = 16;
    /** In a row. */
    private static final int EMPTY_FRAMES = 2;
    /** Answers to pings and settings that a client does not take. */
    private static final int UNSENT_FRAMES = 10_000;
    /** The codec would end the connection with its streams. */
    private static final int UNTIL_STREAMS_END = -1;
    /** For streams that were on their way when their client was told to open no more. */
    private static final Duration NOTICE = Duration.ofSeconds(1);
    /** For a client that is told what it did wrong. */
    private static final Duration LAST_WORDS = Duration.ofSeconds(1);
    /** Of a connection that may not be kept, also before it is known what it speaks. */
    private static final AttributeKey<Boolean> RETIRED = AttributeKey.valueOf(Pipelines.class, "retired");

    private final FilterChain chain;
    private final @Nullable TlsContexts tls;
    private final Service service;
    private final Expiry expiry;
    private final Stats stats;
    private final String stat;

    /** What connections are for. */
    public sealed interface Service {
        record Http(HttpService service) implements Service {}

        record Tcp(TcpService service) implements Service {}
    }

    /** @param stat prefix of the listener's counters */
    public Pipelines(
            String stat, FilterChain chain, @Nullable TlsContexts tls, Service service, Expiry expiry, Stats stats) {
        this.stat = stat;
        this.chain = chain;
        this.tls = tls;
        this.service = service;
        this.expiry = expiry;
        this.stats = stats;
    }

    void equip(Channel channel, Exchange exchange) {
        stats.count(stat + "downstream_cx_total");
        var active = stats.level(stat + "downstream_cx_active");
        active.increment();
        channel.closeFuture().addListener(closed -> active.decrement());
        if (tls == null) {
            serve(channel, exchange, null, "");
            return;
        }
        var context = tls.current();
        if (context.isEmpty()) {
            stats.count(stat + "server_ssl_socket_factory.downstream_context_secrets_not_ready");
            exchange.downstreamFailed("TLS_error: Secret is not supplied by SDS");
            var _ = channel.close();
            return;
        }
        secure(channel, exchange, context.get());
    }

    private void secure(Channel channel, Exchange exchange, TlsContext context) {
        var handler = context.newHandler(channel.alloc());
        handler.setHandshakeTimeout(15, TimeUnit.SECONDS);
        channel.pipeline().addLast("tls", handler).addLast(new Unsecured(handler));
        handler.handshakeFuture().addListener(handshake -> {
            if (handshake.isSuccess()) {
                var facts = context.facts(handler);
                exchange.downstream(facts);
                stats.count(stat + "ssl.handshake");
                stats.count(stat + "ssl.versions." + facts.version());
                stats.count(stat + "ssl.ciphers." + facts.cipher());
                if (facts.peer().isEmpty()) {
                    stats.count(stat + "ssl.no_certificate");
                }
                expiry.watch(channel, facts, stat, ending(channel));
                serve(channel, exchange, facts, protocol(handler));
            } else {
                countFailure(handshake.cause());
                exchange.downstreamFailed(TlsFailure.words(handshake.cause()));
            }
        });
    }

    /** A handshake that fails is told by whoever waits for it, and no second time by the library. */
    private static final class Unsecured extends ChannelInboundHandlerAdapter {
        private final SslHandler tls;

        Unsecured(SslHandler tls) {
            this.tls = tls;
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            if (tls.handshakeFuture().isSuccess()) {
                ctx.fireExceptionCaught(cause);
            } else {
                log.atDebug()
                        .addKeyValue("client", ctx.channel().remoteAddress())
                        .addKeyValue("reason", TlsFailure.words(cause))
                        .log("a connection is not secured");
            }
        }
    }

    private Expiry.Ending ending(Channel channel) {
        return new Expiry.Ending() {
            @Override
            public void retire() {
                if (service instanceof Service.Http) {
                    Pipelines.retire(channel);
                }
            }

            @Override
            public void expire() {
                var stream = channel.pipeline().get(HttpStream.class);
                boolean http2 = channel.pipeline().get(Http2MultiplexHandler.class) != null;
                if (!http2 && (stream == null || stream.isIdle())) {
                    Expiry.closeNow(channel);
                }
            }
        };
    }

    private static String protocol(SslHandler handler) {
        return Optional.ofNullable(handler.applicationProtocol()).orElse("");
    }

    private void countFailure(Throwable cause) {
        var words = TlsFailure.words(cause);
        if (words.contains("PEER_DID_NOT_RETURN_A_CERTIFICATE")) {
            stats.count(stat + "ssl.fail_verify_no_cert");
        } else if (words.contains("SAN match")) {
            stats.count(stat + "ssl.fail_verify_san");
        } else if (words.contains("CERTIFICATE_VERIFY_FAILED")) {
            stats.count(stat + "ssl.fail_verify_error");
        } else {
            stats.count(stat + "ssl.connection_error");
        }
    }

    private void serve(Channel channel, Exchange exchange, @Nullable TlsFacts facts, String alpn) {
        if (!channel.isOpen()) {
            return;
        }
        if (!allowed(channel, exchange)) {
            return;
        }
        switch (service) {
            case Service.Tcp(TcpService tcp) -> tcp.serve(channel, facts, exchange.requestedServerName());
            case Service.Http(HttpService http) -> {
                var client = new ClientConnection(
                        channel.remoteAddress(), channel.localAddress(), facts, exchange.requestedServerName());
                http(channel, http, client, alpn);
            }
        }
    }

    /** Judged before the first byte, which is stricter than Envoy: no upstream hears of somebody who is turned away. */
    private boolean allowed(Channel channel, Exchange exchange) {
        for (var rbac : chain.rbac()) {
            var prefix = rbac.statPrefix() + ".rbac.";
            rbac.rules()
                    .shadow()
                    .ifPresent(rules -> stats.count(prefix
                            + rbac.rules().shadowStatInfix()
                            + (rules.decide(exchange).allowed() ? "shadow_allowed" : "shadow_denied")));
            if (rbac.rules().enforced().isPresent()) {
                var decision = rbac.rules().enforced().get().decide(exchange);
                stats.count(prefix + rbac.rules().statInfix() + (decision.allowed() ? "allowed" : "denied"));
                if (!decision.allowed()) {
                    exchange.terminationDetails(decision.details());
                    var _ = channel.close();
                    return false;
                }
            }
        }
        return true;
    }

    private void http(Channel channel, HttpService http, ClientConnection client, String alpn) {
        http.connectionOpened();
        channel.closeFuture().addListener(closed -> http.connectionClosed());
        var longest = http.config().timeouts().maxConnection();
        if (!longest.isZero()) {
            WhileOpen.after(channel, longest, () -> retire(channel));
        }
        var codec = http.config().codec();
        if (codec == Codec.HTTP2 || (codec == Codec.AUTO && alpn.equals("h2"))) {
            http2(channel, http, client);
        } else if (codec == Codec.HTTP1 || alpn.equals("http/1.1")) {
            http1(channel, http, client);
        } else {
            closeIfSilent(channel, http);
            channel.pipeline().addLast(new ProtocolDetector(isHttp2 -> {
                if (isHttp2) {
                    http2(channel, http, client);
                } else {
                    http1(channel, http, client);
                }
            }));
        }
    }

    /** Somebody who never says a word is idle, too. */
    private static void closeIfSilent(Channel channel, HttpService http) {
        var idle = http.config().timeouts().idle();
        if (!idle.isZero()) {
            WhileOpen.after(channel, idle, () -> {
                if (channel.pipeline().get(ProtocolDetector.class) != null) {
                    http.idleClosed();
                    var _ = channel.close();
                }
            });
        }
    }

    /**
     * HTTP/2 says good-bye by itself and lets open streams end. Under HTTP/1.1 the next answer says that it is the last:
     * closing an idle connection would cross a request that is on its way. One that carries another protocol has no last
     * answer, and goes on. Call it on the channel's event loop.
     */
    static void retire(Channel channel) {
        channel.attr(RETIRED).set(true);
        var stream = channel.pipeline().get(HttpStream.class);
        if (stream != null) {
            stream.retire();
        } else if (channel.pipeline().get(Http2MultiplexHandler.class) != null) {
            sayGoodBye(channel);
        } else if (channel.pipeline().get(ProtocolDetector.class) != null) {
            var _ = channel.close();
        }
    }

    /** Twice, as a client that has not heard the first may have opened a stream, which the second would end unanswered. */
    private static void sayGoodBye(Channel channel) {
        var anyStream = new DefaultHttp2GoAwayFrame(Http2Error.NO_ERROR).setExtraStreamIds(Integer.MAX_VALUE);
        var _ = channel.writeAndFlush(anyStream);
        WhileOpen.after(channel, NOTICE, () -> {
            var _ = channel.writeAndFlush(new DefaultHttp2GoAwayFrame(Http2Error.NO_ERROR));
            var _ = channel.close();
        });
    }

    /** Retires what was to be retired before it could be told. */
    private static void settle(Channel channel) {
        if (channel.hasAttr(RETIRED)) {
            retire(channel);
        }
    }

    private static void http1(Channel channel, HttpService http, ClientConnection client) {
        var codec = new RequestCodec(Buffers.http1(maxHeaderBytes(http.config())));
        HttpStream.http1(channel.pipeline(), codec, http, client);
        settle(channel);
    }

    private static int maxHeaderBytes(HttpConnections config) {
        return config.maxHeadersKb() * 1024;
    }

    private static void http2(Channel channel, HttpService http, ClientConnection client) {
        var codec = Http2FrameCodecBuilder.forServer()
                .initialSettings(Http2Settings.defaultSettings()
                        .maxConcurrentStreams(STREAMS)
                        .initialWindowSize(WINDOW)
                        .maxHeaderListSize(maxHeaderBytes(http.config())))
                .gracefulShutdownTimeoutMillis(UNTIL_STREAMS_END)
                .decoderEnforceMaxRstFramesPerWindow(RESETS, RESET_SECONDS)
                .encoderEnforceMaxRstFramesPerWindow(RESETS, RESET_SECONDS)
                .decoderEnforceMaxSmallContinuationFrames(SMALL_PIECES)
                .decoderEnforceMaxConsecutiveEmptyDataFrames(EMPTY_FRAMES)
                .encoderEnforceMaxQueuedControlFrames(UNSENT_FRAMES)
                .frameLogger(ONE_LENGTH)
                .build();
        var quiet = Quiet.watch(channel, http.config().timeouts().idle(), () -> {
            if (codec.connection().numActiveStreams() == 0) {
                http.idleClosed();
                var _ = channel.close();
            }
        });
        channel.pipeline()
                .addLast(new HeadBlockClock(http.config().timeouts(), http::malformedConnection))
                .addLast(codec)
                .addLast(new KnownFrames())
                .addLast(new Http2MultiplexHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel stream) {
                        quiet.touch();
                        http.streamOpened();
                        stream.closeFuture().addListener(closed -> {
                            http.streamClosed();
                            quiet.touch();
                        });
                        HttpStream.http2(stream.pipeline(), http, client);
                    }
                }))
                .addLast(new Broken(http));
        settle(channel);
    }

    /**
     * The end of a connection with an error. By now the codec has said what is wrong, and closes when that is written; who takes
     * nothing would have it stay for ever, with its streams.
     */
    private static final class Broken extends ChannelInboundHandlerAdapter {
        private final HttpService http;
        private boolean ending;

        Broken(HttpService http) {
            this.http = http;
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            http.malformedConnection();
            if (!ending) {
                ending = true;
                WhileOpen.after(ctx.channel(), LAST_WORDS, () -> Expiry.closeNow(ctx.channel()));
            }
        }
    }
}
