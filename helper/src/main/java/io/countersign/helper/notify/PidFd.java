// SPDX-License-Identifier: Apache-2.0
package io.countersign.helper.notify;

import java.io.IOException;

/**
 * A process file descriptor of Linux (pidfd_open(2), since 5.3): it stays with its process, whatever becomes of the number.
 * On an older kernel there is only the number.
 */
final class PidFd implements AutoCloseable {
    /** The same on all architectures. */
    private static final int PIDFD_SEND_SIGNAL = 424;

    private static final int PIDFD_OPEN = 434;
    private static final int NONE = -1;

    private final long pid;
    private final int descriptor;

    private PidFd(long pid, int descriptor) {
        this.pid = pid;
        this.descriptor = descriptor;
    }

    /** @throws IOException if there is no such process */
    static PidFd of(long pid) throws IOException {
        int checked = Kill.checked(pid);
        var opened = SystemCall.call(PIDFD_OPEN, checked, 0);
        if (opened.error() == SystemCall.ENOSYS) {
            return new PidFd(pid, NONE);
        }
        if (opened.error() != 0) {
            throw new IOException(
                    "process %d cannot be signalled: %s".formatted(pid, SystemCall.words(opened.error())));
        }
        return new PidFd(pid, (int) opened.result());
    }

    /** @throws IOException if the process has ended or belongs to somebody else */
    void send(Signal signal) throws IOException {
        if (descriptor == NONE) {
            Kill.send(signal, pid);
            return;
        }
        var sent = SystemCall.call(PIDFD_SEND_SIGNAL, descriptor, signal.number());
        if (sent.error() != 0) {
            throw new IOException(
                    "%s cannot be sent to process %d: %s".formatted(signal, pid, SystemCall.words(sent.error())));
        }
    }

    @Override
    public void close() {
        if (descriptor != NONE) {
            SystemCall.close(descriptor);
        }
    }
}
