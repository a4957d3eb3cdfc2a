// SPDX-License-Identifier: Apache-2.0
/** What operators ask and tell a running agent by its admin socket. */
@NullMarked
package io.countersign.agent.admin;

import org.jspecify.annotations.NullMarked;
