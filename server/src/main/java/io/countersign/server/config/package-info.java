// SPDX-License-Identifier: Apache-2.0
/** What server.conf and the command line say. */
@NullMarked
package io.countersign.server.config;

import org.jspecify.annotations.NullMarked;
