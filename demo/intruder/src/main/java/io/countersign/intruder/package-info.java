// SPDX-License-Identifier: Apache-2.0
/**
 * The demo's intruder: a program with an identity of its own that really tries to break in, so that the page can show
 * refusals beside the successes. {@link io.countersign.intruder.IntruderMain} reads
 * {@link io.countersign.intruder.IntruderSettings} and starts {@link io.countersign.intruder.Intruder}, which wires the
 * identity, the attempts (package {@code attempt}) and the HTTP endpoint that has them made.
 */
@NullMarked
package io.countersign.intruder;

import org.jspecify.annotations.NullMarked;
