// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.accesslog;

import io.countersign.sidecar.exchange.Exchange;
import io.countersign.sidecar.format.LineFilter;
import io.countersign.sidecar.format.LineFormat;
import java.util.List;

/** The access logs of one listener. Thread-safe. */
public final class AccessLogs {
    private final List<Sink> sinks;

    record Sink(LineFilter filter, LineFormat format, LogWriter writer) {}

    AccessLogs(List<Sink> sinks) {
        this.sinks = List.copyOf(sinks);
    }

    /** Call it when the exchange is over. */
    public void log(Exchange exchange) {
        for (var sink : sinks) {
            if (sink.filter().takes(exchange)) {
                sink.writer().write(sink.format().line(exchange));
            }
        }
    }
}
