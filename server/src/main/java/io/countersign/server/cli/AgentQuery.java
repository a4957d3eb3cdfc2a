// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.cli;

import com.google.protobuf.BoolValue;
import io.countersign.serverapi.agent.ListAgentsRequest.Filter;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The flags that say which agents are meant. */
final class AgentQuery {
    @Option(names = "--selector", description = "A colon-delimited type:value selector. Can be used more than once")
    List<String> selectors = new ArrayList<>();

    @Option(names = "--matchSelectorsOn", description = "exact, any, superset or subset (superset)")
    String matchSelectorsOn = "superset";

    @Option(names = "--attestationType", description = "Filter by attestation type, like join_token")
    String attestationType = "";

    @Option(
            names = "--banned",
            arity = "0..1",
            fallbackValue = "true",
            description = "Filter based on whether the agent is banned")
    @Nullable
    Boolean banned;

    @Option(
            names = "--canReattest",
            arity = "0..1",
            fallbackValue = "true",
            description = "Filter based on whether the agent can re-attest")
    @Nullable
    Boolean canReattest;

    @Option(
            names = "--expiresBefore",
            description = "Filter by expiration time, like \"2026-01-31 12:00:00 +0000 +00\"")
    String expiresBefore = "";

    Filter filter() {
        var filter = Filter.newBuilder().setByAttestationType(attestationType).setByExpiresBefore(expiresBefore);
        if (!selectors.isEmpty()) {
            filter.setBySelectorMatch(SelectorFlags.match(selectors, matchSelectorsOn));
        }
        if (banned != null) {
            filter.setByBanned(BoolValue.of(banned));
        }
        if (canReattest != null) {
            filter.setByCanReattest(BoolValue.of(canReattest));
        }
        return filter.build();
    }
}
