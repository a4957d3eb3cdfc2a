// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.sync;

import java.time.Instant;

/** How this node stands with its server. What it holds it serves in any case. */
public sealed interface Standing {
    /** Since when it does not get what it asks for; {@code now} if it does. */
    default Instant since(Instant now) {
        return switch (this) {
            case Synchronised() -> now;
            case Waiting(var since, var _) -> since;
            case Stranded(var since, var _) -> since;
        };
    }

    /** What was asked for last has come. */
    record Synchronised() implements Standing {}

    /** The server cannot be asked, which mends itself when it is back. */
    record Waiting(Instant since, String why) implements Standing {}

    /**
     * Nothing new will come before somebody does something or the server changes its mind: it does not know this node, the
     * node's identity has ended, or it is not the server that is trusted.
     */
    record Stranded(Instant since, String why) implements Standing {}
}
