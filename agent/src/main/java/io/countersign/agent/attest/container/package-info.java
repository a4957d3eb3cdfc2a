// SPDX-License-Identifier: Apache-2.0
/** Which container a process is in, and what the engine that made it says about it. */
@NullMarked
package io.countersign.agent.attest.container;

import org.jspecify.annotations.NullMarked;
