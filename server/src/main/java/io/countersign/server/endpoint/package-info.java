// SPDX-License-Identifier: Apache-2.0
/** The sockets that the server listens on. */
@NullMarked
package io.countersign.server.endpoint;

import org.jspecify.annotations.NullMarked;
