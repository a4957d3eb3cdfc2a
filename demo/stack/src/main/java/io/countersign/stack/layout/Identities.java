// SPDX-License-Identifier: Apache-2.0
package io.countersign.stack.layout;

import io.countersign.spiffe.SpiffeId;
import io.countersign.spiffe.TrustDomain;
import java.util.Map;

/** The SPIFFE IDs of the demo. */
public record Identities(TrustDomain trustDomain) {
    public SpiffeId frontend() {
        return account("frontend");
    }

    public SpiffeId backend() {
        return account("backend");
    }

    public SpiffeId postgres() {
        return account("postgres");
    }

    public SpiffeId intruder() {
        return account("intruder");
    }

    /** What every agent of this machine is beside its own name, so that entries need not know that name. */
    public SpiffeId node() {
        return SpiffeId.of(trustDomain, "/node/local");
    }

    /** Which processes get an identity, and which. */
    public Map<Role, SpiffeId> byRole() {
        return Map.of(
                Role.FRONTEND_SIDECAR, frontend(),
                Role.BACKEND_SIDECAR, backend(),
                Role.BACKEND_HELPER, backend(),
                Role.POSTGRES_HELPER, postgres(),
                Role.INTRUDER, intruder());
    }

    private SpiffeId account(String name) {
        return SpiffeId.of(trustDomain, "/ns/demo/sa/" + name);
    }
}
