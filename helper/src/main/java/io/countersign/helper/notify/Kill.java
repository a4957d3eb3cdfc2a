// SPDX-License-Identifier: Apache-2.0
package io.countersign.helper.notify;

import java.io.IOException;

/** The system call kill(2): Java itself sends SIGTERM and SIGKILL only, and a container may have no program of this name. */
final class Kill {
    private Kill() {}

    /**
     * Sends a signal to one process.
     *
     * @param pid greater than 0: zero and negative numbers mean whole groups of processes
     * @throws IOException if there is no such process or it belongs to somebody else
     */
    static void send(Signal signal, long pid) throws IOException {
        var sent = SystemCall.kill(checked(pid), signal.number());
        if (sent.error() != 0) {
            throw new IOException(
                    "%s cannot be sent to process %d: %s".formatted(signal, pid, SystemCall.words(sent.error())));
        }
    }

    /** @throws IOException if that cannot be the number of one process */
    static int checked(long pid) throws IOException {
        if (pid <= 0 || pid > Integer.MAX_VALUE) {
            throw new IOException("\"" + pid + "\" is no process id, expected a number greater than 0");
        }
        return (int) pid;
    }
}
