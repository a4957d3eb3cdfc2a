// SPDX-License-Identifier: Apache-2.0
package io.countersign.rpc;

import io.netty.channel.ChannelException;
import io.netty.channel.IoEvent;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.unix.FileDescriptor;
import io.netty.channel.unix.IntegerUnixChannelOption;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The kernel's own hold on the process that has connected (pidfd_open(2); SO_PEERPIDFD of unix(7), Linux 6.5). It names
 * that process and never a later one with the same number. Thread-safe; close it.
 */
public final class PidFd {
    private static final Logger log = LoggerFactory.getLogger(PidFd.class);
    private static final int SOL_SOCKET = 1;
    private static final IntegerUnixChannelOption PEER = new IntegerUnixChannelOption("SO_PEERPIDFD", SOL_SOCKET, 77);
    private static final String NO_SUCH_OPTION = "Protocol not available";

    private final FileDescriptor descriptor;
    private Optional<IoRegistration> watch = Optional.empty();

    private PidFd(int descriptor) {
        this.descriptor = new FileDescriptor(descriptor);
    }

    /**
     * Of the process at the other end.
     *
     * @return nothing if this kernel has no such thing
     * @throws IOException if the process has ended
     */
    static Optional<PidFd> of(EpollDomainSocketChannel connection) throws IOException {
        try {
            return Optional.of(new PidFd(connection.config().getOption(PEER)));
        } catch (ChannelException e) {
            if (isUnknownOption(e)) {
                return Optional.empty();
            }
            throw new IOException("the process that connected cannot be held on to", e);
        }
    }

    /** ENOPROTOOPT, of which the library passes on nothing but the words. */
    static boolean isUnknownOption(ChannelException refused) {
        return String.valueOf(refused.getMessage()).contains(NO_SUCH_OPTION);
    }

    /** Whether {@code pid} is still the number of this process: what was read under that number before was about it. */
    boolean isNumbered(int pid) {
        if (!descriptor.isOpen()) {
            return false;
        }
        try {
            var info = ProcFs.text("/proc/self/fdinfo/" + descriptor.intValue());
            return info.contains("\nPid:\t" + pid + "\n");
        } catch (IOException e) {
            // let go in the meantime
            return false;
        }
    }

    /** Runs {@code task} on the loop when the process ends, unless this is closed before. */
    void whenEnded(IoEventLoop loop, Runnable task) {
        loop.register(new Watch(task)).addListener((Future<IoRegistration> registered) -> {
            if (registered.isSuccess()) {
                begin(registered.getNow());
            } else {
                log.atWarn().setCause(registered.cause()).log("a caller's process cannot be watched");
                task.run();
            }
        });
    }

    private synchronized void begin(IoRegistration registration) {
        if (descriptor.isOpen()) {
            watch = Optional.of(registration);
            registration.submit(EpollIoOps.EPOLLIN);
        } else {
            registration.cancel();
        }
    }

    synchronized void close() {
        // the loop has to forget the descriptor before its number is used again
        watch.ifPresent(IoRegistration::cancel);
        watch = Optional.empty();
        try {
            descriptor.close();
        } catch (IOException e) {
            log.debug("a hold on a process could not be let go: {}", e.getMessage());
        }
    }

    /** Readable means ended. */
    private final class Watch implements EpollIoHandle {
        private final Runnable task;

        Watch(Runnable task) {
            this.task = task;
        }

        @Override
        public FileDescriptor fd() {
            return descriptor;
        }

        @Override
        public void handle(IoRegistration registration, IoEvent event) {
            task.run();
        }

        @Override
        public void close() {
            PidFd.this.close();
        }
    }
}
