// SPDX-License-Identifier: Apache-2.0
/**
 * What the kernel, services of the node, plugins and a process itself say about a caller: selectors with their
 * assurance, kept for a moment.
 */
@NullMarked
package io.countersign.agent.attest;

import org.jspecify.annotations.NullMarked;
