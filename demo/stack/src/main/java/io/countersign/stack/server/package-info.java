// SPDX-License-Identifier: Apache-2.0
/** What an operator would ask of the identity server. */
@NullMarked
package io.countersign.stack.server;

import org.jspecify.annotations.NullMarked;
