// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.audit;

import com.google.protobuf.Empty;
import com.google.protobuf.Message;
import io.countersign.server.audit.Act.Item;
import io.countersign.serverapi.agent.BanAgentRequest;
import io.countersign.serverapi.agent.CreateJoinTokenRequest;
import io.countersign.serverapi.agent.DeleteAgentRequest;
import io.countersign.serverapi.entry.BatchCreateEntryRequest;
import io.countersign.serverapi.entry.BatchCreateEntryResponse;
import io.countersign.serverapi.entry.BatchDeleteEntryRequest;
import io.countersign.serverapi.entry.BatchDeleteEntryResponse;
import io.countersign.serverapi.entry.BatchUpdateEntryRequest;
import io.countersign.serverapi.entry.BatchUpdateEntryResponse;
import io.countersign.serverapi.logger.ResetLogLevelRequest;
import io.countersign.serverapi.logger.SetLogLevelRequest;
import io.countersign.serverapi.types.Entry;
import io.countersign.serverapi.types.JoinToken;
import io.countersign.serverapi.types.Logger;
import io.countersign.serverapi.types.SPIFFEID;
import io.countersign.serverapi.types.Status;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.IntStream;

/** What is changed: entries, nodes, join tokens and the log's level. Selectors are counted, not told: they may hold secrets. */
final class Changes {
    private static final String AGENT = "spire.api.server.agent.v1.Agent/";
    private static final String ENTRY = "spire.api.server.entry.v1.Entry/";
    private static final String LOGGER = "spire.api.server.logger.v1.Logger/";

    private Changes() {}

    static void addTo(Map<String, Act<?, ?>> methods) {
        addEntries(methods);
        methods.put(
                AGENT + "BanAgent",
                whole(
                        "agent.ban",
                        BanAgentRequest.class,
                        Empty.class,
                        request -> agent(request.hasId(), request.getId())));
        methods.put(
                AGENT + "DeleteAgent",
                whole(
                        "agent.delete",
                        DeleteAgentRequest.class,
                        Empty.class,
                        request -> agent(request.hasId(), request.getId())));
        methods.put(
                AGENT + "CreateJoinToken",
                whole(
                        "token.create",
                        CreateJoinTokenRequest.class,
                        JoinToken.class,
                        request -> new About()
                                .with("ttl_seconds", Integer.toString(request.getTtl()))
                                .with(
                                        "value_chosen_by_caller",
                                        !request.getToken().isEmpty())
                                .id("alias", request.hasAgentId(), request.getAgentId())
                                .values()));
        methods.put(
                LOGGER + "SetLogLevel",
                whole(
                        "logger.set",
                        SetLogLevelRequest.class,
                        Logger.class,
                        request -> About.only("level", request.getNewLevel().name())));
        methods.put(
                LOGGER + "ResetLogLevel",
                whole("logger.reset", ResetLogLevelRequest.class, Logger.class, request -> About.nothing()));
        BundleChanges.addTo(methods);
    }

    private static SequencedMap<String, String> agent(boolean given, SPIFFEID id) {
        return new About().id("agent", given, id).values();
    }

    private static void addEntries(Map<String, Act<?, ?>> methods) {
        methods.put(
                ENTRY + "BatchCreateEntry",
                batch(
                        "entry.create",
                        BatchCreateEntryRequest.class,
                        BatchCreateEntryResponse.class,
                        request -> request.getEntriesList().stream()
                                .map(entry -> entry(entry).values())
                                .toList(),
                        (request, answer) -> IntStream.range(0, answer.getResultsCount())
                                .mapToObj(i -> Item.of(
                                        answer.getResults(i).getStatus(),
                                        entry(request.getEntries(i))
                                                .with(
                                                        "entry_id",
                                                        answer.getResults(i)
                                                                .getEntry()
                                                                .getId())
                                                .values()))
                                .toList()));
        methods.put(
                ENTRY + "BatchUpdateEntry",
                batch(
                        "entry.update",
                        BatchUpdateEntryRequest.class,
                        BatchUpdateEntryResponse.class,
                        request -> request.getEntriesList().stream()
                                .map(entry -> entry(entry).values())
                                .toList(),
                        (request, answer) -> items(
                                request.getEntriesList().stream()
                                        .map(entry -> entry(entry).values())
                                        .toList(),
                                answer.getResultsList().stream()
                                        .map(BatchUpdateEntryResponse.Result::getStatus)
                                        .toList())));
        methods.put(
                ENTRY + "BatchDeleteEntry",
                batch(
                        "entry.delete",
                        BatchDeleteEntryRequest.class,
                        BatchDeleteEntryResponse.class,
                        request -> named("entry_id", request.getIdsList()),
                        (request, answer) -> items(
                                named("entry_id", request.getIdsList()),
                                answer.getResultsList().stream()
                                        .map(BatchDeleteEntryResponse.Result::getStatus)
                                        .toList())));
    }

    private static About entry(Entry entry) {
        return new About()
                .with("entry_id", entry.getId())
                .id("spiffe_id", entry.hasSpiffeId(), entry.getSpiffeId())
                .id("parent_id", entry.hasParentId(), entry.getParentId())
                .with("selectors", entry.getSelectorsCount() == 0 ? "" : Integer.toString(entry.getSelectorsCount()))
                .with("federates_with", entry.getFederatesWithList())
                .with("dns_names", entry.getDnsNamesList())
                .with("admin", entry.getAdmin())
                .with("downstream", entry.getDownstream())
                .time("entry_expires_at", entry.getExpiresAt());
    }

    static List<SequencedMap<String, String>> named(String name, List<String> values) {
        return values.stream().map(value -> About.only(name, value)).toList();
    }

    /** Items of a batch, whose answers come in the order of the questions. */
    static List<Item> items(List<SequencedMap<String, String>> abouts, List<Status> statuses) {
        return IntStream.range(0, statuses.size())
                .mapToObj(i -> Item.of(statuses.get(i), abouts.get(i)))
                .toList();
    }

    /** A change that is made or not. */
    static <Q extends Message, A extends Message> Act<Q, A> whole(
            String event, Class<Q> request, Class<A> answer, Function<Q, SequencedMap<String, String>> about) {
        return new Act<>(
                event,
                true,
                request,
                answer,
                asked -> List.of(about.apply(asked)),
                (asked, reply) -> List.of(Item.done(about.apply(asked))));
    }

    /** Changes of which some may be made and others not. */
    static <Q extends Message, A extends Message> Act<Q, A> batch(
            String event,
            Class<Q> request,
            Class<A> answer,
            Function<Q, List<SequencedMap<String, String>>> asked,
            BiFunction<Q, A, List<Item>> told) {
        return new Act<>(event, true, request, answer, asked, told);
    }
}
