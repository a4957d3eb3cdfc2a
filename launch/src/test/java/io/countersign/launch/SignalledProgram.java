// SPDX-License-Identifier: Apache-2.0
package io.countersign.launch;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import org.slf4j.LoggerFactory;

/** Logs into a file what it reads, until there is no more. */
final class SignalledProgram {
    private SignalledProgram() {}

    public static void main(String[] arguments) throws IOException {
        var file = Optional.of(Path.of(arguments[0]));
        Log.configure(new LogSettings(LogSettings.Level.INFO, LogSettings.Format.TEXT, file));
        var log = LoggerFactory.getLogger("io.countersign.test");
        log.info("begun");
        var lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (var line = lines.readLine(); line != null; line = lines.readLine()) {
            log.info("{}", line);
        }
    }
}
