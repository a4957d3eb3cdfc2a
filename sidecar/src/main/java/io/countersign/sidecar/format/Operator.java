// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.format;

import io.countersign.sidecar.exchange.Exchange;
import org.jspecify.annotations.Nullable;

/** One fact of an exchange, as a text, a number or several of them by name; null if there is none. */
interface Operator {
    @Nullable
    Object value(Exchange exchange);
}
