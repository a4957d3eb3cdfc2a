// SPDX-License-Identifier: Apache-2.0
/**
 * A file of what a program gave to whom and what it refused: a line each, chained by hashes, written before the answer goes
 * out. {@link io.countersign.launch.audit.AuditFile} is what becomes of a line, {@link io.countersign.launch.audit.ChainCheck}
 * finds the first that was tampered with.
 */
@NullMarked
package io.countersign.launch.audit;

import org.jspecify.annotations.NullMarked;
