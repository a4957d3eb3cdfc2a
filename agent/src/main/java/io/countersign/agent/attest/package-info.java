// SPDX-License-Identifier: Apache-2.0
/** What the kernel, and what a process itself, says about a caller: selectors with their assurance. */
@NullMarked
package io.countersign.agent.attest;

import org.jspecify.annotations.NullMarked;
