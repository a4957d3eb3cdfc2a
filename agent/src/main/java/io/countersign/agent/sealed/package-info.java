// SPDX-License-Identifier: Apache-2.0
/** What a node holds, on disk and sealed, so that an agent that is started again serves while its server is away. */
@NullMarked
package io.countersign.agent.sealed;

import org.jspecify.annotations.NullMarked;
