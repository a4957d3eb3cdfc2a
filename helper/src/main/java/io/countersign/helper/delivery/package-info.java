// SPDX-License-Identifier: Apache-2.0
/**
 * What is written, and how: {@link io.countersign.helper.delivery.X509Files} and its siblings turn what the agent says into the bytes of
 * files, {@link io.countersign.helper.delivery.AtomicFiles} puts them in place whole.
 */
@NullMarked
package io.countersign.helper.delivery;

import org.jspecify.annotations.NullMarked;
