// SPDX-License-Identifier: Apache-2.0
/** Other trust domains: their bundles are fetched, again and again, and this one's is served to them. */
@NullMarked
package io.countersign.server.federation;

import org.jspecify.annotations.NullMarked;
