// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.config;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import io.countersign.launch.config.ConfigBlock;
import io.countersign.server.config.NodeAttestorSettings.HttpChallenge;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/** The settings of {@code NodeAttestor "http_challenge"}. */
final class HttpChallengeSection {
    static final HttpChallenge STANDARD = new HttpChallenge(List.of(), OptionalInt.empty(), true, true);

    private static final int FIRST_FREE_PORT = 1024;
    private static final int HIGHEST_PORT = 65535;

    private HttpChallengeSection() {}

    static HttpChallenge read(ConfigBlock data) {
        var port = data.has("required_port") ? OptionalInt.of(port(data)) : OptionalInt.empty();
        boolean anyPort = data.bool("allow_non_root_ports", true);
        boolean firstUseOnly = data.bool("tofu", true);
        // a required port decides by itself, whatever is said of others
        boolean everybodyCanListen = port.isPresent() ? port.getAsInt() >= FIRST_FREE_PORT : anyPort;
        if (!firstUseOnly && everybodyCanListen) {
            data.problem(
                    "tofu",
                    "false was found, where every user of a node can listen on a port that counts; expected"
                            + " allow_non_root_ports = false or a required_port below " + FIRST_FREE_PORT);
        }
        return new HttpChallenge(patterns(data), port, anyPort, firstUseOnly);
    }

    private static int port(ConfigBlock data) {
        int port = data.integer("required_port", 1);
        if (port < 1 || port > HIGHEST_PORT) {
            data.problem("required_port", port + " was found, expected 1 to " + HIGHEST_PORT);
        }
        return port;
    }

    private static List<Pattern> patterns(ConfigBlock data) {
        var patterns = new ArrayList<Pattern>();
        for (var text : data.strings("allowed_dns_patterns")) {
            try {
                patterns.add(Pattern.compile(text));
            } catch (PatternSyntaxException e) {
                data.problem(
                        "allowed_dns_patterns",
                        "\"" + text + "\" was found, expected a regular expression (re2): " + e.getDescription());
            }
        }
        return patterns;
    }
}
