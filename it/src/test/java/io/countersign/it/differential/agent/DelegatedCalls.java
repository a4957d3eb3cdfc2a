// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.agent;

import io.countersign.agentapi.delegated.DelegatedIdentityGrpc;
import io.countersign.agentapi.delegated.DelegatedIdentityGrpc.DelegatedIdentityStub;
import io.countersign.agentapi.delegated.SubscribeToX509SVIDsRequest;
import io.countersign.it.differential.Answer;
import io.countersign.it.differential.agent.Callers.Pair;
import io.countersign.it.process.Await;
import io.countersign.it.process.Side;
import io.countersign.rpc.RpcChannels;
import io.countersign.serverapi.types.Entry;
import io.countersign.serverapi.types.Selector;
import io.grpc.Context;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
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

/** This process, which is root's, at the admin sockets of both agents, and what an operator registers meanwhile. */
final class DelegatedCalls implements AutoCloseable {
    static final int ME = 0;
    private static final int NOBODY = 1;
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final TwoAgents agents;
    private final Map<Side, ManagedChannel> channels = new EnumMap<>(Side.class);
    private final Map<Side, Answer> answers =
            new EnumMap<>(Map.of(Side.OURS, Answer.empty(), Side.ORIGINAL, Answer.empty()));
    private final List<Runnable> described = new ArrayList<>();
    private final List<String> entries = new ArrayList<>();
    private Received.Kept kept = Received.Kept.ALL;

    DelegatedCalls(TwoAgents agents) {
        this.agents = agents;
        for (var side : Side.values()) {
            channels.put(side, RpcChannels.unix(agents.adminSocket(side)));
        }
    }

    OriginalServer server() {
        return agents.server();
    }

    OriginalServer partner() {
        return agents.partner();
    }

    Entry.Builder entry(String id, String path, int uid) {
        return server().entry(path, uid).setId(id);
    }

    void register(Entry.Builder entry) {
        entries.add(server().create(entry));
    }

    void update(Entry.Builder entry) {
        server().update(entry);
    }

    void delete(String id) {
        server().delete(id);
        entries.remove(id);
    }

    /** Lets this process act for others. */
    void beDelegate() {
        register(entry("delegate", "/delegate", ME));
    }

    /** Waits until both agents say this to one who asks for what nobody has, or give it to a delegate as nothing. */
    void await(String said) {
        for (var side : Side.values()) {
            Await.until(
                    PATIENCE,
                    side + " does not say \"" + said + "\"",
                    () -> first(side, NOBODY).contains(said));
        }
    }

    /** Waits until both agents have a certificate for a workload of that user. */
    void awaitWorkload(int uid) {
        for (var side : Side.values()) {
            Await.until(
                    PATIENCE,
                    side + " has not what is registered",
                    () -> first(side, uid).equals("1"));
        }
    }

    private String first(Side side, int uid) {
        var context = Context.current().withCancellation();
        try {
            return context.call(() -> Integer.toString(DelegatedIdentityGrpc.newBlockingStub(
                            Objects.requireNonNull(channels.get(side)))
                    .withDeadlineAfter(PATIENCE.toSeconds(), TimeUnit.SECONDS)
                    .subscribeToX509SVIDs(SubscribeToX509SVIDsRequest.newBuilder()
                            .addSelectors(Selector.newBuilder().setType("unix").setValue("uid:" + uid))
                            .build())
                    .next()
                    .getX509SvidsCount()));
        } catch (StatusRuntimeException e) {
            return String.valueOf(e.getStatus().getDescription());
        } catch (Exception e) {
            throw new IllegalStateException(e);
        } finally {
            context.cancel(null);
        }
    }

    void keep(Received.Kept what) {
        kept = what;
    }

    /** Asks both, and has the answers in fields below this name. */
    <M> Pair<M> ask(
            String name,
            BiFunction<Words, M, String> words,
            BiConsumer<DelegatedIdentityStub, StreamObserver<M>> call) {
        var pair = new Pair<M>(received(words), received(words));
        for (var side : Side.values()) {
            call.accept(DelegatedIdentityGrpc.newStub(Objects.requireNonNull(channels.get(side))), pair.of(side));
            described.add(() ->
                    answers.compute(side, (_, answer) -> pair.of(side).describe(Objects.requireNonNull(answer), name)));
        }
        return pair;
    }

    private <M> Received<M> received(BiFunction<Words, M, String> words) {
        var names = new Words();
        return new Received<>(kept, message -> words.apply(names, message));
    }

    /** Called once, at the end. */
    Map<Side, Answer> answers() {
        described.forEach(Runnable::run);
        return answers;
    }

    @Override
    public void close() {
        entries.forEach(server()::delete);
        channels.values().forEach(ManagedChannel::shutdownNow);
    }
}
