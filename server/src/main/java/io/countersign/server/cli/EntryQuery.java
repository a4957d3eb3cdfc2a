// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.cli;

import com.google.protobuf.BoolValue;
import com.google.protobuf.StringValue;
import io.countersign.server.wire.Ids;
import io.countersign.serverapi.entry.ListEntriesRequest.Filter;
import io.countersign.serverapi.types.SPIFFEID;
import io.countersign.spiffe.SpiffeId;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** The flags that say which entries are meant. */
final class EntryQuery {
    @Option(names = "--parentID", description = "The Parent ID of the records")
    String parentId = "";

    @Option(names = "--spiffeID", description = "The SPIFFE ID of the records")
    String spiffeId = "";

    @Option(names = "--selector", description = "A colon-delimited type:value selector. Can be used more than once")
    List<String> selectors = new ArrayList<>();

    @Option(
            names = "--federatesWith",
            description = "SPIFFE ID of a trust domain an entry is federated with. Can be used more than once")
    List<String> federatesWith = new ArrayList<>();

    @Option(names = "--downstream", description = "Only entries of downstream servers")
    boolean downstream;

    @Option(names = "--hint", description = "The hint of the records")
    String hint = "";

    @Option(names = "--matchSelectorsOn", description = "exact, any, superset or subset (superset)")
    String matchSelectorsOn = "superset";

    @Option(names = "--matchFederatesWithOn", description = "exact, any, superset or subset (superset)")
    String matchFederatesWithOn = "superset";

    Filter filter() {
        var filter = Filter.newBuilder();
        if (!parentId.isEmpty()) {
            filter.setByParentId(id("parent ID", parentId));
        }
        if (!spiffeId.isEmpty()) {
            filter.setBySpiffeId(id("SPIFFE ID", spiffeId));
        }
        if (!selectors.isEmpty()) {
            var behavior = SelectorFlags.behavior(matchSelectorsOn);
            filter.setBySelectors(SelectorFlags.match(selectors, behavior, "error parsing selectors"));
        }
        if (!federatesWith.isEmpty()) {
            filter.setByFederatesWith(SelectorFlags.federations(federatesWith, matchFederatesWithOn));
        }
        if (!hint.isEmpty()) {
            filter.setByHint(StringValue.of(hint));
        }
        if (downstream) {
            filter.setByDownstream(BoolValue.of(true));
        }
        return filter.build();
    }

    private static SPIFFEID id(String what, String text) {
        try {
            return Ids.message(SpiffeId.parse(text));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("error parsing " + what + " \"" + text + "\": " + e.getMessage(), e);
        }
    }
}
