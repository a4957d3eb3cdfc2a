// SPDX-License-Identifier: Apache-2.0
package io.countersign.intruder.attempt;

import io.countersign.spiffe.SpiffeId;
import io.countersign.workloadapi.X509Context;
import java.util.List;

/**
 * Calls the backend with a certificate for the right name from an authority that nobody knows.
 *
 * @param frontend the name that is forged
 */
public record ForeignAuthority(SidecarDoor door, SpiffeId frontend) implements Attempt {
    @Override
    public String kind() {
        return "foreign-authority";
    }

    @Override
    public Outcome make(X509Context own) {
        return door.knock(List.of(Forgery.of(frontend)), own);
    }
}
