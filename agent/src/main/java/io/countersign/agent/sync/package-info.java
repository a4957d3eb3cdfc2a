// SPDX-License-Identifier: Apache-2.0
/** The connection to the server, and what it says this node may issue. */
@NullMarked
package io.countersign.agent.sync;

import org.jspecify.annotations.NullMarked;
