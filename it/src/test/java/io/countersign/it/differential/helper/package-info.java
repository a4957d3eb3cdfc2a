// SPDX-License-Identifier: Apache-2.0
/** Our file helper beside the original one: the same helper.conf, the same agent, each with a folder of its own. */
@NullMarked
package io.countersign.it.differential.helper;

import org.jspecify.annotations.NullMarked;
