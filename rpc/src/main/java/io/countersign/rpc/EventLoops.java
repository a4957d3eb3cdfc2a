// SPDX-License-Identifier: Apache-2.0
package io.countersign.rpc;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;

/** The one thread that moves the bytes of all connections of this process; handlers run elsewhere. */
final class EventLoops {
    static final EventLoopGroup SHARED =
            new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory("rpc-io", true), EpollIoHandler.newFactory());

    private EventLoops() {}
}
