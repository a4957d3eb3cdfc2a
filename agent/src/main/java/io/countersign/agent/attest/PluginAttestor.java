// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.attest;

import io.countersign.agent.entry.Selector;
import io.countersign.plugin.workload.WorkloadAttestor.Caller;
import io.countersign.plugin.workload.WorkloadAttestor.Source;
import io.countersign.rpc.Peer;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/** An attestor of somebody else's, whose selectors are all of the type of its name. */
public record PluginAttestor(String name, io.countersign.plugin.workload.WorkloadAttestor attestor)
        implements WorkloadAttestor {
    @Override
    public Duration patience() {
        return attestor.patience();
    }

    @Override
    public Map<Selector, Assurance> attest(Peer.LocalProcess process) throws IOException, InterruptedException {
        var found = new HashMap<Selector, Assurance>();
        attestor.attest(new Caller(process.pid(), process.uid(), process.gid()))
                .forEach((value, source) -> found.put(new Selector(name, value), assurance(source)));
        return found;
    }

    private static Assurance assurance(Source source) {
        return switch (source) {
            case KERNEL -> Assurance.KERNEL;
            case SERVICE -> Assurance.VOUCHED;
            case PROCESS -> Assurance.CLAIMED;
        };
    }
}
