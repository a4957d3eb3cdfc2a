// SPDX-License-Identifier: Apache-2.0
/** Parts that come in jars of their own. */
@NullMarked
package io.countersign.launch.plugin;

import org.jspecify.annotations.NullMarked;
