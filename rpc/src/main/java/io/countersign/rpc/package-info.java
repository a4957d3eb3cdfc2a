// SPDX-License-Identifier: Apache-2.0
/**
 * How gRPC calls and their callers arrive: {@link io.countersign.rpc.RpcServer} listens on Unix sockets and on TCP with
 * mutual TLS, {@link io.countersign.rpc.RpcChannels} dials them, {@link io.countersign.rpc.Peer} says who is at the other
 * end. Netty stays inside.
 */
@NullMarked
package io.countersign.rpc;

import org.jspecify.annotations.NullMarked;
