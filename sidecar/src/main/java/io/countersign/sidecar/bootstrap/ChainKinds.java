// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.bootstrap;

import io.countersign.sidecar.bootstrap.ListenerConfig.Match;
import io.countersign.sidecar.bootstrap.ListenerConfig.Transport;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Each kind of connection that a chain is for: server name, transport and protocol, where {@value #ANY} stands for any. */
public final class ChainKinds {
    public static final String ANY = "";

    private ChainKinds() {}

    /** Every combination of what the match names. */
    public static List<List<String>> of(Match match) {
        var transport = match.transport().map(ChainKinds::word).orElse(ANY);
        var kinds = new ArrayList<List<String>>();
        for (var name : orAny(match.serverNames())) {
            for (var protocol : orAny(match.protocols())) {
                kinds.add(List.of(name, transport, protocol));
            }
        }
        return kinds;
    }

    public static String word(Transport transport) {
        return transport.name().toLowerCase(Locale.ROOT);
    }

    private static List<String> orAny(List<String> words) {
        return words.isEmpty() ? List.of(ANY) : words;
    }
}
