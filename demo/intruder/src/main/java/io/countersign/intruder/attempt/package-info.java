// SPDX-License-Identifier: Apache-2.0
/**
 * The ways to break in, one class each, and what came of it. An {@link io.countersign.intruder.attempt.Outcome} is made
 * of what the other side really said: a refusal counts only from a server whose SPIFFE ID was verified in that very
 * handshake, and silence or a lost connection is never taken for one.
 */
@NullMarked
package io.countersign.intruder.attempt;

import org.jspecify.annotations.NullMarked;
