// SPDX-License-Identifier: Apache-2.0
/**
 * Configuration files as typed values. {@link io.countersign.launch.config.ConfigFile} reads HCL version 1 or JSON,
 * {@link io.countersign.launch.config.ConfigBlock} hands out its values one key at a time and remembers which keys
 * were asked for, so that a key nobody knows is an error with its line and the nearest known name.
 */
@NullMarked
package io.countersign.launch.config;

import org.jspecify.annotations.NullMarked;
