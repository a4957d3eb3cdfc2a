// SPDX-License-Identifier: Apache-2.0
package io.countersign.intruder.attempt;

import io.countersign.intruder.attempt.Outcome.Untried;
import io.countersign.spiffe.SpiffeId;
import io.countersign.workloadapi.X509Context;
import java.util.List;

/**
 * Calls the backend with this program's own, true identity.
 *
 * @param frontend the only one who may call
 */
public record WrongIdentity(SidecarDoor door, SpiffeId frontend) implements Attempt {
    @Override
    public String kind() {
        return "wrong-identity";
    }

    @Override
    public Outcome make(X509Context own) {
        var svid = own.defaultSvid();
        if (svid.id().equals(frontend)) {
            return new Untried("the intruder itself is \"" + frontend
                    + "\", expected another identity; register it under its own");
        }
        return door.knock(List.of(svid), own);
    }
}
