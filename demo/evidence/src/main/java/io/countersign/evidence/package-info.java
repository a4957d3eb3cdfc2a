// SPDX-License-Identifier: Apache-2.0
/**
 * What the demo's programs tell each other and the page about one connection: a {@link io.countersign.evidence.Link}
 * (whose connection, and which side looked), a {@link io.countersign.evidence.Sighting} (what that side saw in the TLS
 * session), and both together with the verdict as a {@link io.countersign.evidence.Hop}. Nothing in here is assumed:
 * what was not seen is null, and a hop with a gap is not verified.
 */
@NullMarked
package io.countersign.evidence;

import org.jspecify.annotations.NullMarked;
