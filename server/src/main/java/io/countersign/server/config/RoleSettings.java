// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.config;

import io.countersign.spiffe.SpiffeId;
import java.util.List;
import java.util.Set;

/**
 * The block {@code roles}, which is ours: what administrators and local programs may do, instead of everything.
 *
 * @param local what the local socket allows to whoever may open it, beside roles
 */
public record RoleSettings(Mode mode, Local local, List<Role> roles) {
    public RoleSettings {
        roles = List.copyOf(roles);
    }

    /** What becomes of a call that no role allows. */
    public enum Mode {
        /** It is refused. */
        ENFORCE,
        /** It is let through, and told. */
        DRY_RUN
    }

    /** What a local program may do without a role. */
    public enum Local {
        /** Everything, as with SPIRE. */
        ALL,
        /** Whatever only reads. */
        READ_ONLY,
        /** To ask for the server's health. */
        ROLES
    }

    /**
     * One role.
     *
     * @param members who have it over TCP
     * @param uids who have it on the local socket; {@code gids} by their primary group
     * @param ids which SPIFFE IDs its verbs are about; none for any
     * @param parents below which parents, and which agents, its verbs are about; none for any
     */
    public record Role(
            String name,
            Set<SpiffeId> members,
            Set<Integer> uids,
            Set<Integer> gids,
            Set<Verb> verbs,
            List<IdPrefix> ids,
            List<IdPrefix> parents) {
        public Role {
            members = Set.copyOf(members);
            uids = Set.copyOf(uids);
            gids = Set.copyOf(gids);
            verbs = Set.copyOf(verbs);
            ids = List.copyOf(ids);
            parents = List.copyOf(parents);
        }

        /** Whether its verbs are about everything. */
        public boolean isUnlimited() {
            return ids.isEmpty() && parents.isEmpty();
        }
    }
}
