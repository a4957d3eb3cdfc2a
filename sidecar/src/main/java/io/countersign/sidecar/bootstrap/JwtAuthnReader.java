// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.bootstrap;

import io.countersign.sidecar.bootstrap.JwtAuthn.Rule;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads which tokens requests need. */
final class JwtAuthnReader {
    static final String TYPE = "envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication";

    private JwtAuthnReader() {}

    /** Does not close the section. */
    static JwtAuthn read(Section section, OwnSettings own) {
        section.refuse("filter_state_rules", "write rules");
        section.refuse("strip_failure_response", "the reason is told");
        section.refuse("stat_prefix", "there is one such filter in a listener");
        var providers = new LinkedHashMap<String, JwtProvider>();
        section.named("providers")
                .forEach((name, provider) -> providers.put(name, JwtProviderReader.read(name, provider, own)));
        var named = new LinkedHashMap<String, JwtRequirement>();
        section.named("requirement_map").forEach((name, requirement) -> named.put(name, requirement(requirement)));
        var rules = section.sections("rules").stream()
                .map(rule -> rule(rule, named))
                .toList();
        rules.stream()
                .flatMap(rule -> JwtRequirement.providers(rule.requirement()))
                .filter(name -> !providers.containsKey(name))
                .distinct()
                .forEach(name ->
                        section.problem("rules", "require provider \"" + name + "\", which is none of providers"));
        return new JwtAuthn(providers, rules, section.bool("bypass_cors_preflight", false));
    }

    private static Rule rule(Section section, Map<String, JwtRequirement> named) {
        try (section) {
            var match = section.section("match");
            if (match.isEmpty()) {
                section.problem("match", "is missing");
            }
            var found = match.map(RouteReader::match).orElse(RouteReader.Match.ALL);
            var requirement =
                    section.section("requires").map(JwtAuthnReader::requirement).orElse(new JwtRequirement.Nothing());
            var name = section.string("requirement_name");
            if (name.isPresent()) {
                requirement = named.getOrDefault(name.get(), requirement);
                if (!named.containsKey(name.get())) {
                    section.problem("requirement_name", "is \"" + name.get() + "\", which is not in requirement_map");
                }
            }
            return new Rule(found.path(), found.headers(), requirement);
        }
    }

    /** Closes the section. */
    private static JwtRequirement requirement(Section section) {
        try (section) {
            var found = new ArrayList<JwtRequirement>();
            section.string("provider_name").ifPresent(name -> found.add(new JwtRequirement.Provider(name, List.of())));
            section.section("provider_and_audiences").ifPresent(both -> {
                found.add(new JwtRequirement.Provider(both.required("provider_name"), both.strings("audiences")));
                both.close();
            });
            section.section("requires_any").ifPresent(any -> found.add(new JwtRequirement.Any(several(any))));
            section.section("requires_all").ifPresent(all -> found.add(new JwtRequirement.All(several(all))));
            section.section("allow_missing").ifPresent(empty -> {
                found.add(new JwtRequirement.AllowMissing());
                empty.close();
            });
            section.section("allow_missing_or_failed").ifPresent(empty -> {
                found.add(new JwtRequirement.AllowMissingOrFailed());
                empty.close();
            });
            if (found.size() > 1) {
                section.problem(
                        "", "has " + found.size() + " requirements, expected one; use requires_any or requires_all");
            }
            return found.isEmpty() ? new JwtRequirement.Nothing() : found.getFirst();
        }
    }

    private static List<JwtRequirement> several(Section section) {
        try (section) {
            var all = section.sections("requirements").stream()
                    .map(JwtAuthnReader::requirement)
                    .toList();
            if (all.size() < 2) {
                section.problem("requirements", "has " + all.size() + " items, expected at least two");
            }
            return all;
        }
    }
}
