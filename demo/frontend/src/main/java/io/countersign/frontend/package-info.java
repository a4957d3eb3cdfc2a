// SPDX-License-Identifier: Apache-2.0
/**
 * The demo's frontend: the page, and behind it one call to the backend through a sidecar.
 * {@link io.countersign.frontend.FrontendMain} reads {@link io.countersign.frontend.FrontendSettings} and starts the
 * web part; package {@code web} answers, asks the backend, and judges the evidence.
 */
@NullMarked
package io.countersign.frontend;

import org.jspecify.annotations.NullMarked;
