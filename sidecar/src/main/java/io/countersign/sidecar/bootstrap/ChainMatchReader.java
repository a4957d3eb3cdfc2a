// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.bootstrap;

import io.countersign.sidecar.bootstrap.ListenerConfig.Match;
import io.countersign.sidecar.bootstrap.ListenerConfig.Transport;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Reads which connections a filter chain is for. */
final class ChainMatchReader {
    private ChainMatchReader() {}

    static Match read(Section chain) {
        var found = chain.section("filter_chain_match");
        if (found.isEmpty()) {
            return Match.ANY;
        }
        try (var section = found.get()) {
            section.refuse("destination_port", "write one listener for each port");
            section.refuse("prefix_ranges", "write one listener for each address");
            section.refuse("address_suffix", "write one listener for each address");
            section.refuse("suffix_len", "write one listener for each address");
            for (var key :
                    List.of("direct_source_prefix_ranges", "source_type", "source_prefix_ranges", "source_ports")) {
                section.refuse(key, "let a rule of RBAC look at direct_remote_ip");
            }
            return new Match(serverNames(section), transport(section), section.strings("application_protocols"));
        }
    }

    private static List<String> serverNames(Section section) {
        var names = section.strings("server_names").stream()
                .map(name -> name.toLowerCase(Locale.ROOT))
                .toList();
        for (var name : names) {
            if (name.isEmpty() || (name.startsWith("*.") ? name.substring(2) : name).contains("*")) {
                section.problem(
                        "server_names",
                        "has \"" + name
                                + "\", expected a whole name or one like *.example.org; leave all out for any name");
            }
        }
        return names;
    }

    private static Optional<Transport> transport(Section section) {
        return section.string("transport_protocol")
                .filter(text -> !text.isEmpty())
                .flatMap(text -> switch (text) {
                    case "tls" -> Optional.of(Transport.TLS);
                    case "raw_buffer" -> Optional.of(Transport.RAW_BUFFER);
                    default -> {
                        section.problem("transport_protocol", "is \"" + text + "\", expected tls or raw_buffer");
                        yield Optional.empty();
                    }
                });
    }
}
