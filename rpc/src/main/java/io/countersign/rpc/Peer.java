// SPDX-License-Identifier: Apache-2.0
package io.countersign.rpc;

import io.grpc.Attributes;
import io.grpc.Context;
import java.net.SocketAddress;
import java.security.cert.X509Certificate;
import java.util.List;

/** Who is at the other end of the connection that a call came in on, as the kernel or the TLS handshake says. */
public sealed interface Peer {
    Context.Key<Peer> CONTEXT = Context.key("io.countersign.rpc.peer");
    Attributes.Key<Peer.LocalProcess> PROCESS = Attributes.Key.create("io.countersign.rpc.process");

    /**
     * The peer of the call that this thread serves.
     *
     * @throws IllegalStateException outside a call
     */
    static Peer current() {
        var peer = CONTEXT.get();
        if (peer == null) {
            throw new IllegalStateException("no call is served here, expected a thread of an RpcServer");
        }
        return peer;
    }

    /**
     * A process on this machine.
     *
     * @param startTime when the process started, in clock ticks since boot, so that a reused pid is noticed
     */
    record LocalProcess(int pid, int uid, int gid, long startTime) implements Peer {
        /** Whether pid still names the process that connected, under the same user. */
        public boolean isStillThere() {
            return ProcFs.startTime(pid) == startTime && ProcFs.owner(pid) == uid;
        }
    }

    /** A client that proved to hold the key of the first certificate; the chain was accepted by the trust manager. */
    record Mtls(List<X509Certificate> chain, SocketAddress address) implements Peer {
        public Mtls {
            chain = List.copyOf(chain);
        }
    }

    /** A TLS client without a certificate. */
    record Anonymous(SocketAddress address) implements Peer {}
}
