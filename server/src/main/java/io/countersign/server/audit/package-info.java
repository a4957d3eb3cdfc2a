// SPDX-License-Identifier: Apache-2.0
/**
 * Who was given what, who changed what, and who was refused: one line each in a file of its own, chained by hashes and
 * written before the answer goes out. {@link io.countersign.server.audit.Act} is the table of what is told,
 * {@link io.countersign.launch.audit.AuditFile} what becomes of it.
 */
@NullMarked
package io.countersign.server.audit;

import org.jspecify.annotations.NullMarked;
