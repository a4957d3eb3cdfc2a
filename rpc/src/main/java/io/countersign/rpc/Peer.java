// SPDX-License-Identifier: Apache-2.0
package io.countersign.rpc;

import io.grpc.Attributes;
import io.grpc.Context;
import java.net.SocketAddress;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;

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
     * A process on this machine, by what the kernel wrote down when it connected.
     *
     * @param pid 0 for a process that this one cannot see, as in another pid namespace
     * @param uid the effective user
     * @param gid the effective group
     * @param startTime when the process started, in clock ticks since boot, so that a reused pid is noticed; -1 if it was
     *     gone already
     * @param hold by which it is noticed whatever the clock's ticks are, where the kernel has it
     * @param first what was seen of it when it connected
     */
    record LocalProcess(int pid, int uid, int gid, long startTime, Optional<PidFd> hold, FirstLook first)
            implements Peer {
        /** One that is known by its start time alone. */
        public LocalProcess(int pid, int uid, int gid, long startTime) {
            this(pid, uid, gid, startTime, Optional.empty(), FirstLook.NONE);
        }

        /** The one that runs under this number now; nothing if there is none. */
        public static Optional<LocalProcess> running(int pid) {
            return ProcFs.image(pid).map(image -> new LocalProcess(pid, image.uid(), image.gid(), image.startTime()));
        }

        /**
         * What the process is at the beginning of a call, as {@link #image}. For the first call of a connection that is what it
         * was when it connected, so that one that has become something else since gets no answer to it.
         */
        public Optional<ProcessImage> imageForCall() {
            return first.take().filter(this::isOfThis).or(this::image);
        }

        /** What the process is now; nothing if pid no longer names it, or if it has another user or group than it had. */
        public Optional<ProcessImage> image() {
            var now = ProcFs.image(pid).filter(this::isOfThis);
            // asked last: what was read before was about the process that is held
            return hold.isEmpty() || hold.get().isNumbered(pid) ? now : Optional.empty();
        }

        private boolean isOfThis(ProcessImage image) {
            return image.startTime() == startTime && image.uid() == uid && image.gid() == gid;
        }

        /** Whether pid still names the process that connected, under the same user and group. */
        public boolean isStillThere() {
            return image().isPresent();
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
