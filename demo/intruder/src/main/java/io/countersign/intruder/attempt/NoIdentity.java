// SPDX-License-Identifier: Apache-2.0
package io.countersign.intruder.attempt;

import io.countersign.workloadapi.X509Context;
import java.util.List;

/** Calls the backend without a certificate. */
public record NoIdentity(SidecarDoor door) implements Attempt {
    @Override
    public String kind() {
        return "no-identity";
    }

    @Override
    public Outcome make(X509Context own) {
        return door.knock(List.of(), own);
    }
}
