// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.bootstrap;

import io.countersign.sidecar.match.StringMatcher;
import io.countersign.sidecar.rbac.Permission;
import io.countersign.sidecar.rbac.Principal;
import io.countersign.sidecar.rbac.Rbac;
import io.countersign.sidecar.rbac.Rules;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/** Reads RBAC rules. */
final class RbacReader {
    private static final String NO_METADATA = "there is no dynamic metadata, and routes have none";

    private RbacReader() {}

    static Rbac read(Section section) {
        section.refuse("matcher", "write rules with policies");
        section.refuse("shadow_matcher", "write shadow_rules with policies");
        return new Rbac(
                section.section("rules").map(RbacReader::rules),
                section.section("shadow_rules").map(RbacReader::rules),
                section.string("rules_stat_prefix", ""),
                section.string("shadow_rules_stat_prefix", ""),
                section.bool("track_per_rule_stats", false));
    }

    private static Rules rules(Section section) {
        try (section) {
            section.refuse("audit_logging_options", "use an access log with %RESPONSE_CODE_DETAILS%");
            var policies = new TreeMap<String, Rules.Policy>();
            section.named("policies").forEach((name, policy) -> policies.put(name, policy(policy)));
            return new Rules(section.choice("action", Rules.Action.ALLOW), policies);
        }
    }

    private static Rules.Policy policy(Section section) {
        try (section) {
            section.refuse("condition", "write the condition as permissions and principals");
            section.refuse("checked_condition", "write the condition as permissions and principals");
            var permissions = section.sections("permissions").stream()
                    .map(RbacReader::permission)
                    .toList();
            var principals = section.sections("principals").stream()
                    .map(RbacReader::principal)
                    .toList();
            if (permissions.isEmpty() || principals.isEmpty()) {
                section.problem("", "needs at least one permission and one principal; write {any: true} for all");
            }
            return new Rules.Policy(permissions, principals);
        }
    }

    private static Permission permission(Section section) {
        try (section) {
            var found = new ArrayList<Permission>();
            if (section.bool("any", false)) {
                found.add(new Permission.Any());
            }
            section.section("and_rules").ifPresent(set -> found.add(new Permission.All(permissions(set))));
            section.section("or_rules").ifPresent(set -> found.add(new Permission.OneOf(permissions(set))));
            section.section("not_rule").ifPresent(rule -> found.add(new Permission.Not(permission(rule))));
            section.section("header")
                    .ifPresent(header -> found.add(new Permission.Header(MatcherReader.header(header))));
            if (section.has("url_path")) {
                found.add(new Permission.UrlPath(MatcherReader.path(section, "url_path")));
            }
            if (section.has("destination_port")) {
                int port = section.integer("destination_port", 0, 0, 65535);
                found.add(new Permission.DestinationPort(port, port + 1));
            }
            section.section("destination_port_range").ifPresent(range -> found.add(ports(range)));
            if (section.has("requested_server_name")) {
                found.add(new Permission.RequestedServerName(MatcherReader.string(section, "requested_server_name")));
            }
            section.refuse("destination_ip", "write one listener for each address");
            section.refuse("metadata", NO_METADATA);
            section.refuse("sourced_metadata", NO_METADATA);
            section.refuse("uri_template", "use url_path");
            section.refuse("matcher", "use the rules that are built in");
            return one(section, found, new Permission.Not(new Permission.Any()));
        }
    }

    private static Permission ports(Section range) {
        try (range) {
            return new Permission.DestinationPort(
                    range.integer("start", 0, 0, 65535), range.integer("end", 0, 0, 65536));
        }
    }

    private static List<Permission> permissions(Section set) {
        try (set) {
            return set.sections("rules").stream().map(RbacReader::permission).toList();
        }
    }

    private static Principal principal(Section section) {
        try (section) {
            var found = new ArrayList<Principal>();
            if (section.bool("any", false)) {
                found.add(new Principal.Any());
            }
            section.section("and_ids").ifPresent(set -> found.add(new Principal.All(principals(set))));
            section.section("or_ids").ifPresent(set -> found.add(new Principal.OneOf(principals(set))));
            section.section("not_id").ifPresent(id -> found.add(new Principal.Not(principal(id))));
            section.section("authenticated").ifPresent(id -> found.add(authenticated(id)));
            section.section("header")
                    .ifPresent(header -> found.add(new Principal.Header(MatcherReader.header(header))));
            if (section.has("url_path")) {
                found.add(new Principal.UrlPath(MatcherReader.path(section, "url_path")));
            }
            section.section("direct_remote_ip").ifPresent(range -> found.add(address(range)));
            section.section("source_ip").ifPresent(range -> found.add(address(range)));
            section.refuse("remote_ip", "use direct_remote_ip; addresses out of headers are not trusted here");
            section.refuse("metadata", NO_METADATA);
            section.refuse("sourced_metadata", NO_METADATA);
            section.refuse("filter_state", "filters hand nothing on");
            section.refuse("custom", "use authenticated with principal_name");
            return one(section, found, new Principal.Not(new Principal.Any()));
        }
    }

    private static Principal authenticated(Section section) {
        try (section) {
            return section.has("principal_name")
                    ? new Principal.Named(MatcherReader.string(section, "principal_name"))
                    : new Principal.OverTls();
        }
    }

    private static Principal address(Section range) {
        try (range) {
            var text = range.required("address_prefix");
            var address = literal(text);
            if (address.isEmpty()) {
                range.problem("address_prefix", "is \"" + text + "\", expected an IP address");
            }
            int bits = address.map(a -> a.getAddress().length * 8).orElse(0);
            return address.<Principal>map(a -> new Principal.RemoteAddress(a, range.integer("prefix_len", 0, 0, bits)))
                    .orElse(new Principal.Named(StringMatcher.exact("")));
        }
    }

    /** Without asking any name server. */
    static Optional<InetAddress> literal(String text) {
        try {
            return Optional.of(InetAddress.ofLiteral(text));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static List<Principal> principals(Section set) {
        try (set) {
            return set.sections("ids").stream().map(RbacReader::principal).toList();
        }
    }

    private static <T> T one(Section section, List<T> found, T nobody) {
        if (found.size() != 1) {
            section.problem("", "expected exactly one rule here, found " + found.size() + " that are supported");
            return nobody;
        }
        return found.getFirst();
    }
}
