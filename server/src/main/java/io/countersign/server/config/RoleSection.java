// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.config;

import io.countersign.launch.config.ConfigBlock;
import io.countersign.launch.config.ConfigBlock.LabeledBlock;
import io.countersign.launch.config.Nearest;
import io.countersign.server.config.RoleSettings.Local;
import io.countersign.server.config.RoleSettings.Mode;
import io.countersign.server.config.RoleSettings.Role;
import io.countersign.spiffe.SpiffeId;
import io.countersign.spiffe.TrustDomain;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The block {@code roles}. */
final class RoleSection {
    private final ConfigBlock block;
    private final TrustDomain trustDomain;

    private RoleSection(ConfigBlock block, TrustDomain trustDomain) {
        this.block = block;
        this.trustDomain = trustDomain;
    }

    static Optional<RoleSettings> read(ConfigBlock root, TrustDomain trustDomain) {
        return root.block("roles").map(block -> new RoleSection(block, trustDomain).read());
    }

    private RoleSettings read() {
        var mode = choice("mode", Mode.ENFORCE, Mode.values());
        var local = choice("local", Local.ALL, Local.values());
        var roles = block.labeledBlocks("role").stream().map(this::role).toList();
        roles.stream()
                .collect(Collectors.groupingBy(Role::name, Collectors.counting()))
                .forEach((name, count) -> {
                    if (count > 1) {
                        block.problem("role", "\"" + name + "\" is there " + count + " times, expected once");
                    }
                });
        return new RoleSettings(mode, local, roles);
    }

    private <E extends Enum<E>> E choice(String key, E absent, E[] all) {
        var words = Stream.of(all)
                .collect(Collectors.toMap(each -> each.name().toLowerCase(Locale.ROOT), Function.identity()));
        if (!block.has(key)) {
            return absent;
        }
        // an empty word is none of them: what was forgotten must not open anything
        var word = block.string(key, "");
        var found = Optional.ofNullable(words.get(word));
        if (found.isEmpty()) {
            block.problem(key, wrong(word, words.keySet().stream().sorted().toList()));
        }
        return found.orElse(absent);
    }

    private static String wrong(String word, List<String> known) {
        return "\"" + word + "\" was found, "
                + Nearest.to(word, known)
                        .map(near -> "did you mean " + near + "?")
                        .orElse("expected one of " + String.join(", ", known));
    }

    private Role role(LabeledBlock labeled) {
        var role = labeled.block();
        var members = ids(role);
        var uids = numbers(role, "uids");
        var gids = numbers(role, "gids");
        if (members.isEmpty() && uids.isEmpty() && gids.isEmpty()) {
            role.problem("", "is for nobody, expected spiffe_ids, uids or gids");
        }
        return new Role(
                labeled.label(),
                members,
                uids,
                gids,
                verbs(role),
                prefixes(role, "id_prefixes"),
                prefixes(role, "parent_prefixes"));
    }

    private static Set<SpiffeId> ids(ConfigBlock role) {
        var ids = new HashSet<SpiffeId>();
        for (var text : role.strings("spiffe_ids")) {
            try {
                ids.add(SpiffeId.parse(text));
            } catch (IllegalArgumentException e) {
                role.problem("spiffe_ids", String.valueOf(e.getMessage()));
            }
        }
        return ids;
    }

    private static Set<Integer> numbers(ConfigBlock role, String key) {
        var numbers = new HashSet<Integer>();
        for (var text : role.strings(key)) {
            try {
                numbers.add(Integer.parseUnsignedInt(text));
            } catch (NumberFormatException e) {
                role.problem(key, "\"" + text + "\" was found, expected a whole number");
            }
        }
        return numbers;
    }

    private static Set<Verb> verbs(ConfigBlock role) {
        var verbs = EnumSet.noneOf(Verb.class);
        for (var text : role.strings("verbs")) {
            var matching = Verb.matching(text);
            if (matching.isEmpty()) {
                role.problem("verbs", wrong(text, Verb.words()));
            }
            verbs.addAll(matching);
        }
        if (role.strings("verbs").isEmpty()) {
            role.problem("verbs", "is missing, expected a list such as [\"entry.*\", \"agent.read\"]");
        }
        return verbs;
    }

    private List<IdPrefix> prefixes(ConfigBlock role, String key) {
        var texts = role.strings(key);
        if (role.has(key) && texts.isEmpty()) {
            role.problem(key, "is empty and allows nothing; leave it out for any");
        }
        var prefixes = new ArrayList<IdPrefix>();
        for (var text : texts) {
            try {
                var prefix = IdPrefix.parse(text);
                if (!prefix.id().isMemberOf(trustDomain)) {
                    role.problem(key, "\"" + text + "\" covers nothing here, expected an ID in " + trustDomain);
                }
                prefixes.add(prefix);
            } catch (IllegalArgumentException e) {
                role.problem(key, String.valueOf(e.getMessage()));
            }
        }
        return prefixes;
    }
}
