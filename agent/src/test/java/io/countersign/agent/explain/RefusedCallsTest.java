// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.explain;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.agent.attest.Assurance;
import io.countersign.agent.attest.Attestation;
import io.countersign.agent.entry.Selector;
import io.countersign.rpc.Peer;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class RefusedCallsTest {
    @Test
    void whoSaysWithoutEndWhatHeIsIsRememberedByWhatIsKnown() {
        var selectors = new HashMap<Selector, Assurance>();
        for (int i = 0; i < 2_000; i++) {
            selectors.put(new Selector("jvm", "property:p:" + i), Assurance.CLAIMED);
        }
        var known = new Selector("unix", "uid:1");
        selectors.put(known, Assurance.KERNEL);
        var refused = new RefusedCalls(InstantSource.system());

        refused.note(
                new Peer.LocalProcess(1, 0, 0, 1), "Service/Method", Optional.of(new Attestation(selectors, false)));

        var kept = refused.last().getFirst().attestation().orElseThrow().selectors();
        assertEquals(500, kept.size());
        assertTrue(kept.containsKey(known));
    }

    @Test
    void logShowsTheSelectorsThatBeginAsItMay() {
        var selectors = new HashMap<Selector, Assurance>();
        for (var value : List.of("ns:shop", "sa:till", "nsx:shop", "pod-label:app:till")) {
            selectors.put(new Selector("k8s", value), Assurance.VOUCHED);
        }
        var seen = Optional.of(new Attestation(selectors, false));

        var refused = new RefusedCalls(InstantSource.system(), List.of("k8s:ns", "k8s:sa:till", "k8s:pod-label:a"));

        assertEquals("k8s:ns:shop,k8s:sa:till", refused.logged(seen));
        assertEquals("", refused.logged(Optional.empty()));
        assertEquals("", new RefusedCalls(InstantSource.system()).logged(seen));
    }
}
