// SPDX-License-Identifier: Apache-2.0
/** The SPIFFE Workload API. */
@NullMarked
package io.countersign.agent.workload;

import org.jspecify.annotations.NullMarked;
