// SPDX-License-Identifier: Apache-2.0
package io.countersign.launch;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/** Writes events: a fixed sentence, the component, then fields in the order given. Safe for any thread. */
public final class EventLog {
    private final String component;
    private final Logger log;

    public EventLog(String component) {
        this.component = component;
        this.log = LoggerFactory.getLogger("io.countersign." + component);
    }

    /** @param fields a name and a value, a name and a value, … */
    public void info(String message, Object... fields) {
        write(log.atInfo(), message, fields);
    }

    /** @param fields a name and a value, a name and a value, … */
    public void error(String message, Object... fields) {
        write(log.atError(), message, fields);
    }

    private void write(LoggingEventBuilder event, String message, Object... fields) {
        var filled = event.addKeyValue("component", component);
        for (int i = 0; i < fields.length; i += 2) {
            filled = filled.addKeyValue(String.valueOf(fields[i]), fields[i + 1]);
        }
        filled.log(message);
    }
}
