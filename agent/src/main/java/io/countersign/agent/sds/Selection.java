// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.sds;

import com.google.protobuf.Any;
import io.countersign.agent.identity.Snapshot;
import io.countersign.sdsapi.core.Node;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;

/** The secrets of one caller by name; as {@link Secrets#select}. */
interface Selection {
    /** @param node what the client says of itself in its first request */
    Optional<Map<String, Any>> select(Snapshot snapshot, Node node, Collection<String> names);
}
