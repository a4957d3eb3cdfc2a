// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.agent;

import io.countersign.it.differential.Answer;
import io.countersign.it.process.Await;
import io.countersign.it.process.Side;
import io.countersign.serverapi.types.Entry;
import io.countersign.workloadapi.proto.SpiffeWorkloadAPIGrpc;
import io.countersign.workloadapi.proto.SpiffeWorkloadAPIGrpc.SpiffeWorkloadAPIStub;
import io.countersign.workloadapi.proto.X509SVIDRequest;
import io.grpc.Channel;
import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Consumer;

/** A user of its own that asks both agents the same, and what an operator registers for it meanwhile. */
final class Callers implements AutoCloseable {
    static final Metadata.Key<String> HEADER = Metadata.Key.of("workload.spiffe.io", Metadata.ASCII_STRING_MARSHALLER);

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final TwoAgents agents;
    private final int uid;
    private final Relay relay;
    private final Map<Side, Answer> answers =
            new EnumMap<>(Map.of(Side.OURS, Answer.empty(), Side.ORIGINAL, Answer.empty()));
    private final List<Runnable> described = new ArrayList<>();
    private final List<String> entries = new ArrayList<>();
    private Received.Kept kept = Received.Kept.ALL;

    private Callers(TwoAgents agents, int uid, Relay relay) {
        this.agents = agents;
        this.uid = uid;
        this.relay = relay;
    }

    static Callers start(TwoAgents agents, int uid) throws Exception {
        return new Callers(agents, uid, Relay.start(agents, uid));
    }

    OriginalServer server() {
        return agents.server();
    }

    OriginalServer partner() {
        return agents.partner();
    }

    /** An entry for this user, whose id is the uid with this letter. */
    Entry.Builder entry(String letter, String path) {
        return server().entry(path, uid).setId(letter + uid);
    }

    /** Registers it. */
    void register(Entry.Builder entry) {
        entries.add(server().create(entry));
    }

    void update(Entry.Builder entry) {
        server().update(entry);
    }

    void delete(String letter) {
        server().delete(letter + uid);
        entries.remove(letter + uid);
    }

    /** Waits until both agents have the SVIDs of exactly the entries that are registered now. */
    void awaitEntries() {
        for (var side : Side.values()) {
            Await.until(PATIENCE, side + " has not what is registered", () -> known(side) == entries.size());
        }
    }

    private int known(Side side) {
        var header = new Metadata();
        header.put(HEADER, "true");
        var context = Context.current().withCancellation();
        try {
            return context.call(() -> SpiffeWorkloadAPIGrpc.newBlockingStub(relay.channel(side))
                    .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(header))
                    .withDeadlineAfter(PATIENCE.toSeconds(), TimeUnit.SECONDS)
                    .fetchX509SVID(X509SVIDRequest.getDefaultInstance())
                    .next()
                    .getSvidsCount());
        } catch (StatusRuntimeException e) {
            return e.getStatus().getCode() == Status.Code.PERMISSION_DENIED ? 0 : -1;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        } finally {
            context.cancel(null);
        }
    }

    Channel channel(Side side) {
        return relay.channel(side);
    }

    /** What is received of both. */
    record Pair<M>(Received<M> ours, Received<M> original) {
        void await(int states) {
            ours.await(states);
            original.await(states);
        }

        void await(String part) {
            ours.await(part);
            original.await(part);
        }

        Received<M> of(Side side) {
            return side == Side.OURS ? ours : original;
        }
    }

    /** Asks both, with these values of the security header, and has the answers in fields below this name. */
    <M> Pair<M> ask(
            String name,
            List<String> header,
            BiFunction<Words, M, String> words,
            BiConsumer<SpiffeWorkloadAPIStub, StreamObserver<M>> call) {
        return receive(name, words, (side, received) -> call.accept(stub(side, header), received));
    }

    /** With these values of the security header. */
    SpiffeWorkloadAPIStub stub(Side side, List<String> header) {
        var metadata = new Metadata();
        header.forEach(value -> metadata.put(HEADER, value));
        return SpiffeWorkloadAPIGrpc.newStub(relay.channel(side))
                .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(metadata));
    }

    <M> Pair<M> ask(
            String name,
            BiFunction<Words, M, String> words,
            BiConsumer<SpiffeWorkloadAPIStub, StreamObserver<M>> call) {
        return ask(name, List.of("true"), words, call);
    }

    /** As {@link #ask}, of any service. */
    <M> Pair<M> receive(String name, BiFunction<Words, M, String> words, BiConsumer<Side, StreamObserver<M>> call) {
        var pair = new Pair<M>(received(words), received(words));
        for (var side : Side.values()) {
            call.accept(side, pair.of(side));
            described.add(() ->
                    answers.compute(side, (_, answer) -> pair.of(side).describe(Objects.requireNonNull(answer), name)));
        }
        return pair;
    }

    /** Which states count of what is received from now on. */
    void keep(Received.Kept what) {
        kept = what;
    }

    private <M> Received<M> received(BiFunction<Words, M, String> words) {
        var names = new Words();
        return new Received<>(kept, message -> words.apply(names, message));
    }

    /** A call that ends by itself. */
    <M> Pair<M> once(
            String name,
            BiFunction<Words, M, String> words,
            BiConsumer<SpiffeWorkloadAPIStub, StreamObserver<M>> call) {
        var pair = ask(name, words, call);
        pair.await(Integer.MAX_VALUE);
        return pair;
    }

    void each(Consumer<Side> what) {
        for (var side : Side.values()) {
            what.accept(side);
        }
    }

    /** Called once, at the end. */
    Map<Side, Answer> answers() {
        described.forEach(Runnable::run);
        return answers;
    }

    @Override
    public void close() throws InterruptedException {
        entries.forEach(server()::delete);
        relay.close();
    }
}
