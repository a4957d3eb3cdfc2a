// SPDX-License-Identifier: Apache-2.0
/** Which pod a process is in, and what the kubelet says about it. */
@NullMarked
package io.countersign.agent.attest.kubernetes;

import org.jspecify.annotations.NullMarked;
