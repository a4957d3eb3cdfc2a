// SPDX-License-Identifier: Apache-2.0
package io.countersign.rpc;

import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import java.nio.file.Path;
import java.util.concurrent.Executors;

/** Opens channels to gRPC servers. A channel connects when it is first used and reconnects by itself; close it. */
public final class RpcChannels {
    private RpcChannels() {}

    public static ManagedChannel unix(Path socket) {
        return configured(NettyChannelBuilder.forAddress(new DomainSocketAddress(socket.toFile()))
                .channelType(EpollDomainSocketChannel.class)
                .usePlaintext()
                .intercept(new Dialing(socket))
                // the path would be no legal authority, and every implementation accepts this one
                .overrideAuthority("localhost"));
    }

    /** To all addresses that the name has, call by call in turn, so that one of several servers may be gone. */
    public static ManagedChannel tcp(String host, int port, TlsIdentity identity) {
        return configured(NettyChannelBuilder.forAddress(host, port)
                .defaultLoadBalancingPolicy("round_robin")
                .channelType(EpollSocketChannel.class)
                .sslContext(new FreshTls(identity, true)));
    }

    /**
     * Ends what the channels of this process share, so that it exits at once: Java waits 0.3 seconds for a thread that
     * waits in the kernel. Nothing can be opened afterwards.
     */
    public static void endProcess() {
        EventLoops.end();
    }

    private static ManagedChannel configured(NettyChannelBuilder builder) {
        return builder.eventLoopGroup(EventLoops.shared())
                .executor(Executors.newVirtualThreadPerTaskExecutor())
                .disableServiceConfigLookUp()
                .build();
    }
}
