// SPDX-License-Identifier: Apache-2.0
package io.countersign.intruder.attempt;

import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;

/**
 * A socket that hears the other side out. A server that refuses a certificate sends an alert and closes, while the client
 * is still writing; with a usual socket the write fails first, and the TLS library throws the alert away unread. Here a
 * failed write ends the writing silently, and the next read tells why: the alert, or that the connection is gone.
 */
final class HeedfulSocket extends Socket {
    @Override
    public OutputStream getOutputStream() throws IOException {
        return new Heedful(super.getOutputStream());
    }

    private static final class Heedful extends OutputStream {
        private final OutputStream out;
        private volatile boolean ended;

        Heedful(OutputStream out) {
            this.out = out;
        }

        @Override
        public void write(int octet) {
            write(new byte[] {(byte) octet}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) {
            if (ended) {
                return;
            }
            try {
                out.write(bytes, offset, length);
            } catch (IOException e) {
                // not lost: whoever reads next is told what came of the connection
                ended = true;
            }
        }
    }
}
