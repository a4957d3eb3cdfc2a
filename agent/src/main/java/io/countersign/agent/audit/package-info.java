// SPDX-License-Identifier: Apache-2.0
/** Which process got which identity, and which was refused: a line each in the audit file, before the answer goes out. */
@NullMarked
package io.countersign.agent.audit;

import org.jspecify.annotations.NullMarked;
