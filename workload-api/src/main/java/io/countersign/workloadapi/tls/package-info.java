// SPDX-License-Identifier: Apache-2.0
/** Mutual TLS between SPIFFE IDs for programs that use JSSE, never staler than the last message of the agent. */
@NullMarked
package io.countersign.workloadapi.tls;

import org.jspecify.annotations.NullMarked;
