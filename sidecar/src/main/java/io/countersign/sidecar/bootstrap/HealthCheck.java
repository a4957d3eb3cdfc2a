// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.bootstrap;

import java.time.Duration;
import java.util.List;

/**
 * How the endpoints of a cluster are asked whether they are well.
 *
 * @param idleInterval between two questions as long as no request has gone to the cluster
 * @param unhealthyAfter how many failures in a row make an endpoint unhealthy; an unexpected status does at once
 * @param healthyAfter how many successes in a row make it healthy again; the very first does at once
 */
public record HealthCheck(
        Duration timeout,
        Duration interval,
        Duration idleInterval,
        int unhealthyAfter,
        int healthyAfter,
        Question question) {
    public sealed interface Question {
        /** @param expected which statuses say that it is well */
        record Http(String host, String path, List<Statuses> expected) implements Question {
            public Http {
                expected = List.copyOf(expected);
            }
        }

        /** That a connection can be made is enough. */
        record Tcp() implements Question {}
    }

    /** @param end the first one that is not meant */
    public record Statuses(int start, int end) {
        public boolean contain(int status) {
            return status >= start && status < end;
        }
    }
}
