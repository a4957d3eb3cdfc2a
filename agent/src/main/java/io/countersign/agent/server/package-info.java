// SPDX-License-Identifier: Apache-2.0
/** The identity server as this agent sees it: one method a call, wire messages turned into values. */
@NullMarked
package io.countersign.agent.server;

import org.jspecify.annotations.NullMarked;
