// SPDX-License-Identifier: Apache-2.0
/** SPIRE's Delegated Identity API: identities of other processes for those that act for them. */
@NullMarked
package io.countersign.agent.delegated;

import org.jspecify.annotations.NullMarked;
