// SPDX-License-Identifier: Apache-2.0
/** What the server has registered: which selectors make which identity. */
@NullMarked
package io.countersign.agent.entry;

import org.jspecify.annotations.NullMarked;
