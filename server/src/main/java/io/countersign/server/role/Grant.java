// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.role;

import io.countersign.rpc.Peer;
import io.countersign.server.config.IdPrefix;
import io.countersign.server.config.RoleSettings;
import io.countersign.server.config.RoleSettings.Local;
import io.countersign.server.config.RoleSettings.Role;
import io.countersign.server.role.Need.Target;
import io.countersign.spiffe.SpiffeId;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * What one caller may do.
 *
 * @param local what it may do on the local socket without a role
 */
record Grant(Local local, List<Role> roles) {
    static Grant of(RoleSettings settings, SpiffeId caller) {
        return of(settings, Local.ROLES, role -> role.members().contains(caller));
    }

    static Grant of(RoleSettings settings, Peer.LocalProcess caller) {
        return of(
                settings,
                settings.local(),
                role -> role.uids().contains(caller.uid()) || role.gids().contains(caller.gid()));
    }

    private static Grant of(RoleSettings settings, Local local, Predicate<Role> has) {
        return new Grant(local, settings.roles().stream().filter(has).toList());
    }

    /** The first need that nothing allows, in words. */
    Optional<String> refusal(List<Need> needs) {
        return needs.stream()
                .filter(need -> !allows(need))
                .findFirst()
                .map(need -> roles.isEmpty()
                        ? "no role of this caller allows " + need
                        : "role "
                                + String.join(
                                        ", ", roles.stream().map(Role::name).toList()) + " does not allow " + need);
    }

    boolean allows(Need need) {
        boolean without = switch (local) {
            case ALL -> true;
            case READ_ONLY -> need.verb().isRead();
            case ROLES -> false;
        };
        return without || roles.stream().anyMatch(role -> role.verbs().contains(need.verb()) && covers(role, need));
    }

    private static boolean covers(Role role, Need need) {
        return switch (need.target()) {
            case Target.Nothing() -> true;
            case Target.Everything() -> role.isUnlimited();
            case Target.One(var id, var parent) -> covers(role.ids(), id) && covers(role.parents(), parent);
        };
    }

    /** Where there is no ID to look at, there is nothing to limit. */
    private static boolean covers(List<IdPrefix> prefixes, Optional<SpiffeId> id) {
        return prefixes.isEmpty() || id.isEmpty() || prefixes.stream().anyMatch(prefix -> prefix.covers(id.get()));
    }
}
