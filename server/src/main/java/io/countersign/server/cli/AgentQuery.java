// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.cli;

import com.google.protobuf.BoolValue;
import io.countersign.serverapi.agent.ListAgentsRequest.Filter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The flags that say which agents are meant. */
final class AgentQuery {
    @Option(names = "--selector", description = "A colon-delimited type:value selector. Can be used more than once")
    List<String> selectors = new ArrayList<>();

    @Option(names = "--matchSelectorsOn", description = "exact, any, superset or subset (superset)")
    String matchSelectorsOn = "superset";

    @Option(names = "--attestationType", description = "Filter by attestation type, like join_token")
    String attestationType = "";

    @Option(names = "--banned", description = "true or false; anything else for both")
    String banned = "";

    @Option(names = "--canReattest", description = "true or false; anything else for both")
    String canReattest = "";

    @Option(
            names = "--expiresBefore",
            description = "Filter by expiration time, like \"2026-01-31 12:00:00 +0000 +00\"")
    String expiresBefore = "";

    Filter filter() {
        var filter = Filter.newBuilder().setByAttestationType(attestationType).setByExpiresBefore(expiresBefore);
        if (!selectors.isEmpty()) {
            var behavior = SelectorFlags.behavior(matchSelectorsOn);
            for (var selector : selectors) {
                var match =
                        SelectorFlags.match(List.of(selector), behavior, "error parsing selector \"" + selector + "\"");
                filter.getBySelectorMatchBuilder().mergeFrom(match);
            }
        }
        either(banned).ifPresent(filter::setByBanned);
        either(canReattest).ifPresent(filter::setByCanReattest);
        return filter.build();
    }

    private static Optional<BoolValue> either(String word) {
        return switch (word) {
            case "true", "false" -> Optional.of(BoolValue.of(Boolean.parseBoolean(word)));
            default -> Optional.empty();
        };
    }
}
