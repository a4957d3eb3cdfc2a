// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent;

import com.google.gson.JsonObject;
import io.countersign.agent.sync.Standing;
import io.countersign.launch.health.HealthListener.Answer;
import java.time.Instant;

/**
 * What a probe for readiness is told of an agent that serves. A server that is away is no fault of the agent, which lives on
 * what it holds; what does not mend itself is one, so that somebody comes and looks.
 */
final class Readiness {
    private Readiness() {}

    static Answer of(Standing standing) {
        return switch (standing) {
            case Standing.Synchronised() -> new Answer(true, "{\"agent\":{}}");
            case Standing.Waiting(var since, var why) -> answer(true, "waiting_since", since, why);
            case Standing.Stranded(var since, var why) -> answer(false, "stranded_since", since, why);
        };
    }

    private static Answer answer(boolean ready, String name, Instant since, String why) {
        var agent = new JsonObject();
        agent.addProperty(name, since.toString());
        agent.addProperty("why", why);
        var all = new JsonObject();
        all.add("agent", agent);
        return new Answer(ready, all.toString());
    }
}
