// SPDX-License-Identifier: Apache-2.0
package io.countersign.helper.notify;

import java.io.IOException;
import java.nio.file.Path;

/** A signal to the process that has written its number into a file, and to no other that has that number now. */
public record SignalNotice(Path pidFile, Signal signal) implements Notice {
    @Override
    public void tell() throws IOException {
        var file = new PidFile(pidFile, signal);
        long pid = file.pid();
        try (var process = PidFd.of(pid)) {
            // the handle is on one process from here on, so that what is found out now is about the one that gets the
            // signal
            var doubt = file.doubt(pid);
            if (doubt.isPresent()) {
                throw new IOException(doubt.get() + "; " + signal + " is not sent");
            }
            process.send(signal);
        }
    }

    @Override
    public String toString() {
        return signal + " to the process of " + pidFile;
    }
}
