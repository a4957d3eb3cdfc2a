// SPDX-License-Identifier: Apache-2.0
/** The API server of a Kubernetes cluster, as far as it says who a pod is and keeps what agents are to believe. */
@NullMarked
package io.countersign.server.kubernetes;

import org.jspecify.annotations.NullMarked;
