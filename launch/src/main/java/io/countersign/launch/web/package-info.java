// SPDX-License-Identifier: Apache-2.0
/** What a program needs that asks web servers. */
@NullMarked
package io.countersign.launch.web;

import org.jspecify.annotations.NullMarked;
