// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.sds;

import com.google.protobuf.ListValue;
import com.google.protobuf.NullValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import com.google.rpc.Code;
import com.google.rpc.Status;
import io.countersign.sdsapi.core.Node;
import io.countersign.sdsapi.discovery.DiscoveryRequest;
import io.countersign.sdsapi.discovery.DiscoveryResponse;
import io.countersign.sdsapi.secret.SecretDiscoveryServiceGrpc;
import io.countersign.sidecar.bootstrap.Bootstrap;
import io.countersign.sidecar.bootstrap.TlsSettings.SecretRef;
import io.countersign.sidecar.stats.Stats;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.MetadataUtils;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One secret and the stream that keeps it fresh. The stream is reopened for ever with growing pauses; meanwhile, and when
 * an answer is refused, the last good secret stays. Thread-safe.
 */
final class SecretSubscription implements SecretSource {
    static final String SECRET_TYPE = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret";

    private static final Logger log = LoggerFactory.getLogger(SecretSubscription.class);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);
    private static final Duration COMPLAINT_EVERY = Duration.ofMinutes(1);

    private final SecretRef.AtAgent ref;
    private final ManagedChannel channel;
    private final Bootstrap.Node node;
    private final Stats stats;
    private final Listeners listeners = new Listeners();
    private final CompletableFuture<Void> settled = new CompletableFuture<>();
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile long begun;
    private volatile @Nullable Secret current;
    private volatile Instant updated = Instant.EPOCH;
    private volatile String version = "";
    private Duration pause = FIRST_PAUSE;
    private Instant nextComplaint = Instant.EPOCH;

    SecretSubscription(SecretRef.AtAgent ref, ManagedChannel channel, Bootstrap.Node node, Stats stats) {
        this.ref = ref;
        this.channel = channel;
        this.node = node;
        this.stats = stats;
    }

    @Override
    public void start() {
        begun = System.nanoTime();
        Thread.ofVirtual().name("sds " + ref.name()).start(this::keepOpen);
    }

    @Override
    public SecretRef ref() {
        return ref;
    }

    @Override
    public Optional<Secret> current() {
        return Optional.ofNullable(current);
    }

    @Override
    public Instant updated() {
        return updated;
    }

    @Override
    public String version() {
        return version;
    }

    @Override
    public void onChange(Runnable listener) {
        listeners.add(listener);
    }

    @Override
    public void awaitFirst() throws InterruptedException {
        var most = ref.initialWait();
        while (!settled.isDone() && closed.getCount() > 0) {
            if (!most.isZero() && System.nanoTime() - begun > most.toNanos()) {
                stats.count(stat("init_fetch_timeout"));
                log.atWarn()
                        .addKeyValue("secret", ref.name())
                        .addKeyValue("waited", most)
                        .log("agent has not sent the secret yet, starting without it; connections that need it are "
                                + "closed until it comes");
                return;
            }
            closed.await(20, TimeUnit.MILLISECONDS);
        }
    }

    @Override
    public void close() {
        closed.countDown();
    }

    private String stat(String name) {
        return "sds." + ref.name() + "." + name;
    }

    private void keepOpen() {
        try {
            while (closed.getCount() > 0) {
                // the channel has pauses of its own, which grow beyond ours
                channel.resetConnectBackoff();
                var stream = new Stream();
                stats.count(stat("update_attempt"));
                metadataStub().streamSecrets(stream);
                stream.first();
                stream.ended.await();
                closed.await(
                        ThreadLocalRandom.current().nextLong(pause.toMillis() / 2, pause.toMillis() + 1),
                        TimeUnit.MILLISECONDS);
                pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause.multipliedBy(2);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private SecretDiscoveryServiceGrpc.SecretDiscoveryServiceStub metadataStub() {
        var metadata = new Metadata();
        ref.metadata()
                .forEach((key, value) -> metadata.put(Metadata.Key.of(key, Metadata.ASCII_STRING_MARSHALLER), value));
        return SecretDiscoveryServiceGrpc.newStub(channel)
                .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(metadata));
    }

    private void apply(Secret secret, String newVersion) {
        boolean changed = !secret.equals(current);
        current = secret;
        version = newVersion;
        if (changed) {
            updated = Instant.now();
            listeners.tell(ref.name());
            log.atInfo().addKeyValue("secret", ref.name()).log("secret received");
        }
    }

    private void complain(String reason) {
        var now = Instant.now();
        if (now.isBefore(nextComplaint)) {
            return;
        }
        nextComplaint = now.plus(COMPLAINT_EVERY);
        log.atWarn()
                .addKeyValue("secret", ref.name())
                .addKeyValue("agent", ref.cluster())
                .addKeyValue("reason", reason)
                .addKeyValue("keeping", current == null ? "nothing" : "the last good one")
                .log("stream of secrets ended, trying again");
    }

    /** One call. Its callbacks come one after the other. */
    private final class Stream implements ClientResponseObserver<DiscoveryRequest, DiscoveryResponse> {
        private final CountDownLatch ended = new CountDownLatch(1);
        private @Nullable ClientCallStreamObserver<DiscoveryRequest> requests;
        private String accepted = "";

        @Override
        public void beforeStart(ClientCallStreamObserver<DiscoveryRequest> stream) {
            requests = stream;
        }

        void first() {
            send(request("").setNode(introduction()));
        }

        private DiscoveryRequest.Builder request(String nonce) {
            return DiscoveryRequest.newBuilder()
                    .setVersionInfo(accepted)
                    .addResourceNames(ref.name())
                    .setTypeUrl(SECRET_TYPE)
                    .setResponseNonce(nonce);
        }

        private void send(DiscoveryRequest.Builder request) {
            if (requests != null) {
                requests.onNext(request.build());
            }
        }

        @Override
        public void onNext(DiscoveryResponse response) {
            pause = FIRST_PAUSE;
            var reply = request(response.getNonce());
            try {
                apply(SecretParser.parse(response, ref.name()), response.getVersionInfo());
                accepted = response.getVersionInfo();
                stats.count(stat("update_success"));
                reply.setVersionInfo(accepted);
            } catch (IllegalArgumentException e) {
                var reason = String.valueOf(e.getMessage());
                stats.count(stat("update_rejected"));
                log.atWarn()
                        .addKeyValue("secret", ref.name())
                        .addKeyValue("reason", reason)
                        .addKeyValue("keeping", current == null ? "nothing" : "the last good one")
                        .log("secret refused");
                reply.setErrorDetail(
                        Status.newBuilder().setCode(Code.INVALID_ARGUMENT_VALUE).setMessage(reason));
            }
            settled.complete(null);
            send(reply);
        }

        @Override
        public void onError(Throwable failure) {
            stats.count(stat("update_failure"));
            if (closed.getCount() > 0) {
                complain(String.valueOf(failure.getMessage()));
            }
            ended.countDown();
        }

        @Override
        public void onCompleted() {
            stats.count(stat("update_failure"));
            complain("ended by the agent");
            if (requests != null) {
                requests.onCompleted();
            }
            ended.countDown();
        }
    }

    /** No version: SPIRE takes an unknown one for a proxy that understands its SPIFFE validator. */
    private Node introduction() {
        return Node.newBuilder()
                .setId(node.id())
                .setCluster(node.cluster())
                .setMetadata(struct(node.metadata()))
                .setUserAgentName("countersign")
                .build();
    }

    private static Struct struct(Map<?, ?> map) {
        var struct = Struct.newBuilder();
        map.forEach((key, value) -> struct.putFields(String.valueOf(key), value(value)));
        return struct.build();
    }

    private static Value value(@Nullable Object value) {
        var result = Value.newBuilder();
        switch (value) {
            case null -> result.setNullValue(NullValue.NULL_VALUE);
            case Boolean bool -> result.setBoolValue(bool);
            case Number number -> result.setNumberValue(number.doubleValue());
            case Map<?, ?> map -> result.setStructValue(struct(map));
            case List<?> list -> {
                var values = ListValue.newBuilder();
                list.forEach(item -> values.addValues(value(item)));
                result.setListValue(values);
            }
            default -> result.setStringValue(value.toString());
        }
        return result.build();
    }
}
