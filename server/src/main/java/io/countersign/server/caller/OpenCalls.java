// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.caller;

import io.countersign.rpc.CallTraffic;
import io.countersign.rpc.Peer;
import io.countersign.rpc.RpcServer;
import io.countersign.spiffe.SpiffeId;
import io.countersign.spiffe.x509.X509SvidValidator;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How many calls over TCP may be open at once, and how much they may have sent, so that nobody uses up the server's memory. A
 * message is held from its first byte on, whoever sends it and whether its end comes or not; so this decides before one is
 * read, and again with each piece of it. Only metrics and audit stand around it, which are to see its refusals. Thread-safe.
 */
public final class OpenCalls implements ServerInterceptor {
    /** @param bytes in all calls that are open, those of messages that have been answered included */
    record Limit(int calls, long bytes) {}

    /** In bytes, of what the server has; where it has much, no more than by default. */
    private static final long MEMORY = Math.min(Runtime.getRuntime().maxMemory(), 512L << 20);

    /** Many nodes may come from one address that all have in common, and each is done soon with a few kilobytes. */
    static final Limit NETWORK = new Limit(64, MEMORY / 64);
    /** Addresses are cheap, so all together have a limit, too. */
    static final Limit STRANGERS = new Limit(512, MEMORY / 16 * 3);
    /** As many as two connections carry: a client opens the next one before the last call on the one before has ended. */
    static final Limit MEMBER = new Limit(2 * RpcServer.CALLS_PER_CONNECTION, MEMORY / 8);

    private static final Logger log = LoggerFactory.getLogger(OpenCalls.class);
    private static final Duration BETWEEN_WARNINGS = Duration.ofMinutes(1);
    /** In bytes. Whoever has one IPv6 address has all that begin like it. */
    private static final int IPV6_NETWORK = 8;

    /** Those whose calls are counted together. */
    private sealed interface Source {
        record Member(SpiffeId id) implements Source {}

        record Network(InetAddress address) implements Source {}

        record Strangers() implements Source {}

        default Limit limit() {
            return switch (this) {
                case Member _ -> MEMBER;
                case Network _ -> NETWORK;
                case Strangers _ -> STRANGERS;
            };
        }

        default String words() {
            return switch (this) {
                case Member(var id) -> id.toString();
                case Network(var address) -> "callers without a certificate at " + address.getHostAddress();
                case Strangers _ -> "callers without a certificate";
            };
        }
    }

    private record Use(int calls, long bytes) {
        static final Use NONE = new Use(0, 0);

        Use plus(Use more) {
            return new Use(calls + more.calls, bytes + more.bytes);
        }

        Use minus(Use less) {
            return new Use(calls - less.calls, bytes - less.bytes);
        }

        boolean fits(Limit limit) {
            return calls <= limit.calls() && bytes <= limit.bytes();
        }
    }

    private final Map<Source, Use> uses = new HashMap<>();
    private long warnedAt = System.nanoTime() - BETWEEN_WARNINGS.toNanos();

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        var sources = sources(Peer.current());
        if (sources.isEmpty()) {
            return next.startCall(call, headers);
        }
        var traffic = CallTraffic.current();
        var one = new Use(1, 0);
        var full = take(sources, one);
        if (full.isPresent()) {
            call.close(refusal(full.get()), new Metadata());
            return new ServerCall.Listener<>() {};
        }
        var open = new Open<>(call, sources, one);
        traffic.follow(open);
        return next.startCall(open, headers);
    }

    /** None for a program on this machine: who may open the local socket is decided by its mode. */
    private static List<Source> sources(Peer peer) {
        return switch (peer) {
            case Peer.LocalProcess _ -> List.of();
            case Peer.Mtls(var chain, var _) -> List.of(new Source.Member(X509SvidValidator.idOf(chain.getFirst())));
            case Peer.Anonymous(var address) -> strangers(address);
        };
    }

    private static List<Source> strangers(SocketAddress address) {
        return address instanceof InetSocketAddress inet && inet.getAddress() != null
                ? List.of(new Source.Network(network(inet.getAddress())), new Source.Strangers())
                : List.of(new Source.Strangers());
    }

    private static InetAddress network(InetAddress address) {
        if (!(address instanceof Inet6Address)) {
            return address;
        }
        var bytes = address.getAddress();
        Arrays.fill(bytes, IPV6_NETWORK, bytes.length, (byte) 0);
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("the bytes of an address are one", e);
        }
    }

    /** Takes all of it, or nothing if that is too much for one of them: that one is the answer. */
    private synchronized Optional<Source> take(List<Source> sources, Use more) {
        for (var source : sources) {
            if (!use(source).plus(more).fits(source.limit())) {
                return Optional.of(source);
            }
        }
        sources.forEach(source -> uses.put(source, use(source).plus(more)));
        return Optional.empty();
    }

    private synchronized void giveBack(List<Source> sources, Use taken) {
        for (var source : sources) {
            var rest = use(source).minus(taken);
            if (rest.equals(Use.NONE)) {
                uses.remove(source);
            } else {
                uses.put(source, rest);
            }
        }
    }

    private Use use(Source source) {
        return uses.getOrDefault(source, Use.NONE);
    }

    private Status refusal(Source source) {
        warn(source);
        var limit = source.limit();
        return Status.RESOURCE_EXHAUSTED.withDescription(
                "%s may have %d calls open at once, which have sent up to %d MiB; end some, or try again later"
                        .formatted(source.words(), limit.calls(), limit.bytes() >> 20));
    }

    private synchronized void warn(Source source) {
        long now = System.nanoTime();
        if (now - warnedAt >= BETWEEN_WARNINGS.toNanos()) {
            warnedAt = now;
            log.atWarn()
                    .addKeyValue("caller", source.words())
                    .log("a call is refused, as too many are open or have sent too much; this is said once a minute");
        }
    }

    /** A call that was let in. When it has sent too much it is ended, and what the server says to it afterwards is dropped. */
    private final class Open<Q, A> extends SimpleForwardingServerCall<Q, A> implements CallTraffic.Follower {
        private final List<Source> sources;
        /** As {@code refusing}, touched only in the turns that the traffic has. */
        private Use taken;

        private boolean refusing;
        private boolean closed;
        private boolean refused;

        Open(ServerCall<Q, A> call, List<Source> sources, Use taken) {
            super(call);
            this.sources = sources;
            this.taken = taken;
        }

        @Override
        public void received(long bytes) {
            var more = new Use(0, bytes);
            var full = take(sources, more);
            if (full.isEmpty()) {
                taken = taken.plus(more);
            } else if (!refusing) {
                refusing = true;
                // ending a call may wait for a disk, which the transport must not
                Thread.startVirtualThread(() -> refuse(refusal(full.get())));
            }
        }

        @Override
        public void ended() {
            giveBack(sources, taken);
        }

        private synchronized void refuse(Status refusal) {
            if (!closed) {
                refused = true;
                super.close(refusal, new Metadata());
            }
        }

        @Override
        public synchronized void sendHeaders(Metadata headers) {
            if (!refused) {
                super.sendHeaders(headers);
            }
        }

        @Override
        public synchronized void sendMessage(A message) {
            if (!refused) {
                super.sendMessage(message);
            }
        }

        @Override
        public synchronized void close(Status status, Metadata trailers) {
            if (!refused) {
                closed = true;
                super.close(status, trailers);
            }
        }
    }
}
