// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.node;

import io.countersign.datastore.node.AttestedNode;
import io.countersign.datastore.node.AttestedNode.Certified;
import io.countersign.server.wire.Ids;
import io.countersign.server.wire.Masks;
import io.countersign.server.wire.SelectorMatching;
import io.countersign.serverapi.agent.CountAgentsRequest;
import io.countersign.serverapi.agent.ListAgentsRequest;
import io.countersign.serverapi.types.Agent;
import io.countersign.serverapi.types.AgentMask;
import io.grpc.Status;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.function.Predicate;

/** Nodes as messages, and what a list of them is asked to hold. */
final class AgentMessages {
    /** Go's layout {@code 2006-01-02 15:04:05 -0700 -07}. */
    private static final DateTimeFormatter EXPIRY = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss xx x");

    private AgentMessages() {}

    static Agent message(AttestedNode node, boolean masked, AgentMask mask) {
        var message = Agent.newBuilder()
                .setId(Ids.message(node.id()))
                .setAttestationType(node.attestationType())
                .setX509SvidSerialNumber(
                        node.current().map(Certified::serialNumber).orElse(""))
                .setX509SvidExpiresAt(node.expiresAt().getEpochSecond())
                .addAllSelectors(SelectorMatching.messages(node.selectors()))
                .setBanned(node.banned())
                .setCanReattest(node.canReattest())
                .setAgentVersion(node.agentVersion())
                .build();
        return masked ? Masks.shown(message, mask) : message;
    }

    /** The filter of a count has the fields of a list's, in another message. */
    static Predicate<AttestedNode> filter(CountAgentsRequest.Filter filter) {
        var same = ListAgentsRequest.Filter.newBuilder()
                .setByAttestationType(filter.getByAttestationType())
                .setByExpiresBefore(filter.getByExpiresBefore());
        if (filter.hasBySelectorMatch()) {
            same.setBySelectorMatch(filter.getBySelectorMatch());
        }
        if (filter.hasByBanned()) {
            same.setByBanned(filter.getByBanned());
        }
        if (filter.hasByCanReattest()) {
            same.setByCanReattest(filter.getByCanReattest());
        }
        return filter(same.build());
    }

    /** @throws io.grpc.StatusRuntimeException if a part of the filter is malformed */
    static Predicate<AttestedNode> filter(ListAgentsRequest.Filter filter) {
        Predicate<AttestedNode> all = node -> true;
        if (!filter.getByAttestationType().isEmpty()) {
            all = all.and(node -> node.attestationType().equals(filter.getByAttestationType()));
        }
        if (filter.hasBySelectorMatch()) {
            var selectors = SelectorMatching.of(filter.getBySelectorMatch(), "failed to parse selectors");
            all = all.and(node -> selectors.test(node.selectors()));
        }
        if (filter.hasByBanned()) {
            boolean banned = filter.getByBanned().getValue();
            all = all.and(node -> node.banned() == banned);
        }
        if (filter.hasByCanReattest()) {
            boolean can = filter.getByCanReattest().getValue();
            all = all.and(node -> node.canReattest() == can);
        }
        if (!filter.getByExpiresBefore().isEmpty()) {
            var before = time(filter.getByExpiresBefore());
            all = all.and(node -> node.expiresAt().isBefore(before));
        }
        return all;
    }

    /** The original overlooks a time that it cannot read, and lists everything. */
    private static Instant time(String text) {
        try {
            return ZonedDateTime.parse(text, EXPIRY).toInstant();
        } catch (DateTimeParseException e) {
            throw Status.INVALID_ARGUMENT
                    .withDescription("malformed expiry filter: \"" + text
                            + "\", expected a time like 2026-01-31 12:00:00 +0000 +00")
                    .withCause(e)
                    .asRuntimeException();
        }
    }
}
