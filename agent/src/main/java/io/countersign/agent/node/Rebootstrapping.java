// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.node;

import io.countersign.agent.config.AgentConfig.Rebootstrap;
import io.countersign.agent.config.AgentConfig.RebootstrapMode;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;

/** When a server that nobody known vouches for is to be trusted by the bootstrap again. For one thread. */
final class Rebootstrapping {
    private final Rebootstrap settings;
    private final InstantSource clock;
    private Optional<Instant> since = Optional.empty();

    Rebootstrapping(Rebootstrap settings, InstantSource clock) {
        this.settings = settings;
        this.clock = clock;
    }

    /** Notes one more time that the server is not trusted; whether that has lasted long enough. */
    boolean isDue() {
        var now = clock.instant();
        var begin = since.orElse(now);
        since = Optional.of(begin);
        return settings.mode() != RebootstrapMode.NEVER && !now.isBefore(begin.plus(settings.delay()));
    }

    /** What there is to be done about it. */
    String outlook(boolean reattestable) {
        if (settings.mode() == RebootstrapMode.NEVER) {
            return "set rebootstrap_mode, or start again with an empty data_dir and the present bundle";
        }
        if (!reattestable) {
            return "this node cannot prove itself again, so it has to be started with an empty data_dir";
        }
        return "the bootstrap is believed again from "
                + since.orElseGet(clock::instant).plus(settings.delay());
    }

    void trusted() {
        since = Optional.empty();
    }
}
