// SPDX-License-Identifier: Apache-2.0
/** Other trust domains: their bundles and where these are fetched. */
@NullMarked
package io.countersign.datastore.federation;

import org.jspecify.annotations.NullMarked;
