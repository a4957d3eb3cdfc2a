// SPDX-License-Identifier: Apache-2.0
package io.countersign.rpc;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The one thread that moves the bytes of all connections of this process; handlers run elsewhere. Thread-safe. */
final class EventLoops {
    private static final long END_PATIENCE_MILLIS = 100;

    private static @Nullable EventLoopGroup shared;

    private EventLoops() {}

    /** Made when it is first asked for. */
    static synchronized EventLoopGroup shared() {
        if (shared == null) {
            shared = new MultiThreadIoEventLoopGroup(
                    1, new DefaultThreadFactory("rpc-io", true), EpollIoHandler.newFactory());
        }
        return shared;
    }

    static synchronized void end() {
        if (shared != null) {
            shared.shutdownGracefully(0, 0, TimeUnit.MILLISECONDS).awaitUninterruptibly(END_PATIENCE_MILLIS);
        }
    }
}
