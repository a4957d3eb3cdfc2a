// SPDX-License-Identifier: Apache-2.0
/** Which unit of systemd a process belongs to. */
@NullMarked
package io.countersign.agent.attest.systemd;

import org.jspecify.annotations.NullMarked;
