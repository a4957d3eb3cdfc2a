// SPDX-License-Identifier: Apache-2.0
/** Envoy's secret discovery service, version 3. */
@NullMarked
package io.countersign.agent.sds;

import org.jspecify.annotations.NullMarked;
