// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.sds;

import com.google.protobuf.Any;
import io.countersign.agent.identity.Snapshot;
import io.countersign.agent.identity.Snapshots;
import io.countersign.sdsapi.discovery.DiscoveryRequest;
import io.countersign.sdsapi.discovery.DiscoveryResponse;
import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.security.SecureRandom;
import java.util.Collection;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One xDS state-of-the-world conversation: the client names secrets, and gets them again with each change of one of them.
 * Requests arrive on gRPC's thread and wake the one virtual thread that answers.
 */
final class SecretStream implements StreamObserver<DiscoveryRequest> {
    /** Secrets for names, in one snapshot; as {@link Secrets#select}. */
    interface Selection {
        Optional<List<Any>> select(Snapshot snapshot, DiscoveryRequest first, Collection<String> names);
    }

    static final String TYPE = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret";
    private static final Logger log = LoggerFactory.getLogger(SecretStream.class);
    private static final SecureRandom RANDOM = new SecureRandom();

    private final Snapshots snapshots;
    private final Selection selection;
    private final ServerCallStreamObserver<DiscoveryResponse> client;
    private final Context context = Context.current();
    private final Semaphore changed = new Semaphore(0);
    private Optional<DiscoveryRequest> first = Optional.empty();
    private Set<String> names = Set.of();
    private boolean asked;
    private boolean done;
    private String nonce = "";
    private List<Any> sent = List.of();
    private long version;

    SecretStream(Snapshots snapshots, Selection selection, StreamObserver<DiscoveryResponse> client) {
        this.snapshots = snapshots;
        this.selection = selection;
        this.client = (ServerCallStreamObserver<DiscoveryResponse>) client;
    }

    SecretStream start() {
        client.setOnReadyHandler(changed::release);
        client.setOnCancelHandler(changed::release);
        Thread.ofVirtual().name("sds stream").start(context.wrap(this::run));
        return this;
    }

    @Override
    public synchronized void onNext(DiscoveryRequest request) {
        requireType(request);
        if (request.hasErrorDetail()) {
            log.warn(
                    "an sds client refuses what it got: {}",
                    request.getErrorDetail().getMessage());
        }
        if (!request.getResponseNonce().equals(nonce)) {
            return; // an answer to a response before the last
        }
        if (first.isEmpty()) {
            first = Optional.of(request);
        }
        var wanted = new LinkedHashSet<>(request.getResourceNamesList());
        if (!asked || !wanted.equals(names)) {
            names = wanted;
            asked = true;
            sent = List.of();
            changed.release();
        }
    }

    @Override
    public void onError(Throwable cancelled) {
        onCompleted();
    }

    @Override
    public synchronized void onCompleted() {
        done = true;
        changed.release();
    }

    /** @throws StatusRuntimeException if another kind of resource is asked for */
    static void requireType(DiscoveryRequest request) {
        if (!request.getTypeUrl().isEmpty() && !request.getTypeUrl().equals(TYPE)) {
            throw Status.INVALID_ARGUMENT
                    .withDescription("type \"" + request.getTypeUrl() + "\" is not served; expected " + TYPE)
                    .asRuntimeException();
        }
    }

    private void run() {
        try (var subscription = snapshots.subscribe(changed::release)) {
            while (!isDone()) {
                changed.acquire();
                changed.drainPermits();
                answer();
            }
            if (!client.isCancelled()) {
                client.onCompleted();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (StatusRuntimeException e) {
            client.onError(e.getStatus().asRuntimeException(new Metadata()));
        } catch (RuntimeException e) {
            log.atError().setCause(e).log("an sds stream failed");
            client.onError(Status.INTERNAL
                    .withDescription("the agent failed; its log says why")
                    .asRuntimeException());
        }
    }

    private synchronized boolean isDone() {
        return done || context.isCancelled();
    }

    private synchronized void answer() {
        if (!asked || first.isEmpty() || isDone() || !client.isReady()) {
            return;
        }
        var secrets = selection.select(snapshots.current(), first.get(), names);
        if (secrets.isEmpty() || secrets.get().equals(sent)) {
            return;
        }
        sent = secrets.get();
        nonce = HexFormat.of().toHexDigits(RANDOM.nextInt());
        client.onNext(response(sent, Long.toString(++version), nonce));
    }

    static DiscoveryResponse response(List<Any> secrets, String version, String nonce) {
        return DiscoveryResponse.newBuilder()
                .setTypeUrl(TYPE)
                .setVersionInfo(version)
                .setNonce(nonce)
                .addAllResources(secrets)
                .build();
    }
}
