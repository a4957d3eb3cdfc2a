// SPDX-License-Identifier: Apache-2.0
package io.countersign.intruder.attempt;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import javax.net.SocketFactory;
import javax.net.ssl.SSLSocketFactory;
import org.postgresql.ssl.WrappedFactory;

/** The sockets of a login. The driver makes both factories itself, by name, on the thread that asks for the connection. */
final class LoginSockets {
    private LoginSockets() {}

    /** Sockets for the handshake of the attempt that is under way. */
    public static final class Tls extends WrappedFactory {
        static final ScopedValue<SSLSocketFactory> CURRENT = ScopedValue.newInstance();

        public Tls() {
            factory = CURRENT.get();
        }
    }

    /** What carries the handshake. */
    public static final class Plain extends SocketFactory {
        @Override
        public Socket createSocket() {
            return new HeedfulSocket();
        }

        @Override
        public Socket createSocket(String host, int port) throws IOException {
            return connected(new InetSocketAddress(host, port), new InetSocketAddress(0));
        }

        @Override
        public Socket createSocket(String host, int port, InetAddress local, int localPort) throws IOException {
            return connected(new InetSocketAddress(host, port), new InetSocketAddress(local, localPort));
        }

        @Override
        public Socket createSocket(InetAddress host, int port) throws IOException {
            return connected(new InetSocketAddress(host, port), new InetSocketAddress(0));
        }

        @Override
        public Socket createSocket(InetAddress host, int port, InetAddress local, int localPort) throws IOException {
            return connected(new InetSocketAddress(host, port), new InetSocketAddress(local, localPort));
        }

        private static Socket connected(SocketAddress remote, SocketAddress local) throws IOException {
            var socket = new HeedfulSocket();
            try {
                socket.bind(local);
                socket.connect(remote);
                return socket;
            } catch (IOException e) {
                socket.close();
                throw e;
            }
        }
    }
}
