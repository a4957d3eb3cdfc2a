// SPDX-License-Identifier: Apache-2.0
/**
 * How the SPIFFE ID of an agent is made of what its attestor has found: the part of Go's {@code text/template}, with a few of
 * sprig's functions, that agent paths need.
 */
@NullMarked
package io.countersign.server.agentpath;

import org.jspecify.annotations.NullMarked;
