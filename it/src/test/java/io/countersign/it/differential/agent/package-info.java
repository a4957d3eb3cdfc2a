// SPDX-License-Identifier: Apache-2.0
/** Our node agent beside the original one, both below the same original server: Workload API, SDS and the commands. */
@NullMarked
package io.countersign.it.differential.agent;

import org.jspecify.annotations.NullMarked;
