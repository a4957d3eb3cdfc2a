// SPDX-License-Identifier: Apache-2.0
/** Why a program gets the identities that it gets, or none: for operators, never for the program. */
@NullMarked
package io.countersign.agent.explain;

import org.jspecify.annotations.NullMarked;
