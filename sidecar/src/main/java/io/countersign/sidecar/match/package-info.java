// SPDX-License-Identifier: Apache-2.0
/** Matchers of texts and of certificate names, as Envoy's configuration words them. */
@NullMarked
package io.countersign.sidecar.match;

import org.jspecify.annotations.NullMarked;
