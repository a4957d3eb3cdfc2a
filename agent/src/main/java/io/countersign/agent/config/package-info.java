// SPDX-License-Identifier: Apache-2.0
/** agent.conf in SPIRE's format, read into one record. */
@NullMarked
package io.countersign.agent.config;

import org.jspecify.annotations.NullMarked;
