// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.system;

import com.google.protobuf.ByteString;
import io.countersign.rpc.RpcChannels;
import io.countersign.spiffe.TrustDomain;
import io.countersign.spiffe.bundle.TrustBundle;
import io.countersign.spiffe.x509.Der;
import io.countersign.spiffe.x509.X509Svid;
import io.countersign.spiffe.x509.X509SvidValidator;
import io.countersign.workloadapi.proto.SpiffeWorkloadAPIGrpc;
import io.countersign.workloadapi.proto.X509SVID;
import io.countersign.workloadapi.proto.X509SVIDRequest;
import io.grpc.Context;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.stub.MetadataUtils;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Fetches everything an agent gives this process, so many times a second, and remembers what was not as it must be. */
final class Fetches implements AutoCloseable {
    private static final TrustDomain DOMAIN = new TrustDomain(Replica.TRUST_DOMAIN);
    private static final long DEADLINE_SECONDS = 20;

    private final ManagedChannel channel;
    private final Set<String> expected;
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
    private final ConcurrentLinkedQueue<String> failures = new ConcurrentLinkedQueue<>();
    private final AtomicInteger fetches = new AtomicInteger();
    private final Set<String> serials = ConcurrentHashMap.newKeySet();

    /** What was read and verified need not be again with every fetch, which is more than this machine can do. */
    private final Map<Given, X509Svid> verified = new HashMap<>();

    /** A certificate and key as they came, and what they were verified with. */
    private record Given(ByteString chain, ByteString key, ByteString bundle) {
        static Given of(X509SVID message) {
            return new Given(message.getX509Svid(), message.getX509SvidKey(), message.getBundle());
        }

        X509Svid verified(Instant now) {
            var svid = X509Svid.parseRaw(chain.toByteArray(), key.toByteArray());
            var trusted = TrustBundle.ofX509(DOMAIN, Der.parseCertificates(bundle.toByteArray()));
            var _ = X509SvidValidator.verify(
                    svid.chain(), domain -> domain.equals(DOMAIN) ? Optional.of(trusted) : Optional.empty(), now);
            return svid;
        }
    }

    private Fetches(ManagedChannel channel, Set<String> expected) {
        this.channel = channel;
        this.expected = expected;
    }

    /** @param expected the paths of the identities that every answer must have */
    static Fetches start(Path socket, Set<String> expected, int fetchesASecond) {
        var fetches = new Fetches(RpcChannels.unix(socket), expected);
        var _ = fetches.clock.scheduleAtFixedRate(
                fetches::fetch, 0, TimeUnit.SECONDS.toMicros(1) / fetchesASecond, TimeUnit.MICROSECONDS);
        return fetches;
    }

    /** The paths of all identities that the agent gives. */
    static Set<String> paths(Path socket) {
        var channel = RpcChannels.unix(socket);
        try {
            return paths(given(channel));
        } finally {
            channel.shutdownNow();
        }
    }

    private static List<X509SVID> given(ManagedChannel channel) {
        var header = new Metadata();
        header.put(Metadata.Key.of("workload.spiffe.io", Metadata.ASCII_STRING_MARSHALLER), "true");
        var context = Context.current().withCancellation();
        var before = context.attach();
        try {
            return SpiffeWorkloadAPIGrpc.newBlockingStub(channel)
                    .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(header))
                    .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
                    .fetchX509SVID(X509SVIDRequest.getDefaultInstance())
                    .next()
                    .getSvidsList();
        } finally {
            // the agent would go on telling what is new
            context.detachAndCancel(before, null);
        }
    }

    private static Set<String> paths(List<X509SVID> given) {
        var paths = new TreeSet<String>();
        given.forEach(
                svid -> paths.add(svid.getSpiffeId().substring(DOMAIN.idString().length())));
        return paths;
    }

    private void fetch() {
        fetches.incrementAndGet();
        try {
            var given = given(channel);
            var now = Instant.now();
            var missing = new TreeSet<>(expected);
            missing.removeAll(paths(given));
            if (!missing.isEmpty()) {
                failures.add(now + " without " + missing);
            }
            given.forEach(message -> verify(message, now));
        } catch (RuntimeException e) {
            failures.add(Instant.now() + " " + e);
        }
    }

    private void verify(X509SVID message, Instant now) {
        var svid = verified.computeIfAbsent(Given.of(message), given -> given.verified(now));
        if (!svid.expiresAt().isAfter(now) || !svid.id().toString().equals(message.getSpiffeId())) {
            failures.add(now + " has given " + svid + " as " + message.getSpiffeId());
        }
        if (expected.contains(svid.id().path())) {
            serials.add(svid.serialNumberHex());
        }
    }

    int fetches() {
        return fetches.get();
    }

    List<String> failures() {
        return List.copyOf(failures);
    }

    /** How many certificates of the expected identities were seen. */
    int certificates() {
        return serials.size();
    }

    @Override
    public void close() throws InterruptedException {
        clock.shutdown();
        if (!clock.awaitTermination(1, TimeUnit.MINUTES)) {
            throw new AssertionError("a fetch does not end");
        }
        channel.shutdownNow();
    }
}
