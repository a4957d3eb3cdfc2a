// SPDX-License-Identifier: Apache-2.0
/**
 * A client of the SPIFFE Workload API. {@link io.countersign.workloadapi.WorkloadApiClient} asks once or watches;
 * {@link io.countersign.workloadapi.X509Source} keeps the newest identity at hand for TLS, and
 * {@link io.countersign.workloadapi.JwtSource} tokens for those who are called.
 */
@NullMarked
package io.countersign.workloadapi;

import org.jspecify.annotations.NullMarked;
