// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.accesslog;

import io.countersign.sidecar.exchange.Exchange;
import io.countersign.sidecar.format.LineFormat;
import java.util.List;

/** The access logs of one listener. Thread-safe. */
public final class AccessLogs {
    private final List<Sink> sinks;

    record Sink(LineFormat format, LogWriter writer) {}

    AccessLogs(List<Sink> sinks) {
        this.sinks = List.copyOf(sinks);
    }

    /** Call it when the exchange is over. */
    public void log(Exchange exchange) {
        for (var sink : sinks) {
            sink.writer().write(sink.format().line(exchange));
        }
    }
}
