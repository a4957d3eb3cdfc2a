// SPDX-License-Identifier: Apache-2.0
package io.countersign.launch;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/** Begins log lines whose first field is the component; the caller adds the others and the sentence. Thread-safe. */
public final class EventLog {
    private final String component;
    private final Logger log;

    public EventLog(String component) {
        this.component = component;
        this.log = LoggerFactory.getLogger("io.countersign." + component);
    }

    public LoggingEventBuilder info() {
        return log.atInfo().addKeyValue("component", component);
    }

    public LoggingEventBuilder error() {
        return log.atError().addKeyValue("component", component);
    }
}
