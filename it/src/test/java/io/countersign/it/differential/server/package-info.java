// SPDX-License-Identifier: Apache-2.0
/** Our identity server and the original, asked the same over their API and on their command lines. */
@NullMarked
package io.countersign.it.differential.server;

import org.jspecify.annotations.NullMarked;
