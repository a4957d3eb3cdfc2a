// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.admin;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Which parts of a statistic's name Envoy makes labels of. What it leaves in the name, odd as it looks at times, stays there. */
final class Labels {
    private static final String WORD = "[^.]+";
    private static final String SUITE = "[\\w-]+";
    private static final String ADDRESS = "(?:\\d{1,3}\\.){3}\\d{1,3}_\\d+|\\[[a-fA-F\\d_]+\\]_\\d+";

    /** In Envoy's order, which is that of the labels. */
    private static final List<Rule> RULES = List.of(
            rule("envoy_response_code", "_rq(_(\\d{3}))$"),
            rule("envoy_response_code_class", "_rq_((\\d))xx$"),
            rule("envoy_ssl_cipher", "^listener\\..*?\\.ssl\\.ciphers(\\.(" + SUITE + "))$"),
            rule("envoy_ssl_curve", "^(?:listener|cluster)\\..*?\\.ssl\\.curves(\\.(" + SUITE + "))$"),
            rule("envoy_ssl_sigalg", "^(?:listener|cluster)\\..*?\\.ssl\\.sigalgs(\\.(" + SUITE + "))$"),
            rule("envoy_ssl_version", "^(?:listener|cluster)\\..*?\\.ssl\\.versions(\\.(TLSv\\d\\.\\d))$"),
            rule("cipher_suite", "^cluster\\." + WORD + "\\.ssl\\.ciphers(\\.(" + SUITE + "))$"),
            rule("envoy_tcp_prefix", "^tcp\\.((" + WORD + ")\\.)"),
            rule("envoy_cluster_name", "^cluster\\.((" + WORD + ")\\.)"),
            rule("envoy_ext_authz_prefix", "^(?:cluster|http)\\." + WORD + "\\.ext_authz\\.((" + WORD + ")\\.)"),
            rule("envoy_rbac_http_prefix", "^http\\." + WORD + "\\.rbac\\.(((?!policy\\.)" + WORD + ")\\.)"),
            rule(
                    "envoy_rbac_policy_name",
                    "^http\\." + WORD + "\\.rbac\\.(?:" + WORD + "\\.)?policy\\.((" + WORD + ")\\.)"),
            rule("envoy_http_conn_manager_prefix", "^http\\.((" + WORD + ")\\.)"),
            rule("envoy_listener_address", "^listener\\.((" + ADDRESS + "|" + WORD + ")\\.)"),
            rule("envoy_rbac_prefix", "^((" + WORD + ")\\.)rbac\\."),
            rule("envoy_xds_resource_name", "^sds\\.((" + WORD + ")\\.)"));

    private Labels() {}

    /** @param pattern whose first group is left out of the name, and whose second is the label's value */
    private record Rule(String label, Pattern pattern) {}

    record Label(String name, String value) {}

    /** @param family the name without what became labels */
    record Labelled(String family, List<Label> labels) {
        Labelled {
            labels = List.copyOf(labels);
        }
    }

    private static Rule rule(String label, String pattern) {
        return new Rule(label, Pattern.compile(pattern));
    }

    /** Every rule sees the whole name, as one label must not hide another. */
    static Labelled of(String name) {
        var labels = new ArrayList<Label>();
        var left = new StringBuilder(name);
        for (var rule : RULES) {
            var found = rule.pattern().matcher(name);
            if (found.find()) {
                labels.add(new Label(rule.label(), found.group(2)));
                // same length, so that the places of the other rules stay
                left.replace(found.start(1), found.end(1), "\0".repeat(found.end(1) - found.start(1)));
            }
        }
        return new Labelled("envoy_" + left.toString().replace("\0", "").replaceAll("[^a-zA-Z0-9_]", "_"), labels);
    }
}
