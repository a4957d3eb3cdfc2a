// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.format;

import io.countersign.sidecar.exchange.Exchange;
import io.netty.handler.codec.http.HttpHeaders;

/** A header that configuration adds to requests or responses; without a value it is left out. */
public record AddedHeader(String name, Format value, Append append) {
    public enum Append {
        APPEND_IF_EXISTS_OR_ADD,
        ADD_IF_ABSENT,
        OVERWRITE_IF_EXISTS_OR_ADD,
        OVERWRITE_IF_EXISTS
    }

    public void apply(Exchange exchange, HttpHeaders headers) {
        var text = value.render(exchange, "");
        if (text.isEmpty()) {
            if (append == Append.OVERWRITE_IF_EXISTS_OR_ADD) {
                // a value that somebody else wrote must not pass for this sidecar's
                headers.remove(name);
            }
            return;
        }
        switch (append) {
            case APPEND_IF_EXISTS_OR_ADD -> headers.add(name, text);
            case ADD_IF_ABSENT -> {
                if (!headers.contains(name)) {
                    headers.add(name, text);
                }
            }
            case OVERWRITE_IF_EXISTS_OR_ADD -> headers.set(name, text);
            case OVERWRITE_IF_EXISTS -> {
                if (headers.contains(name)) {
                    headers.set(name, text);
                }
            }
        }
    }
}
