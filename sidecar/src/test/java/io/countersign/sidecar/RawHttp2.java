// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** A client that sends the frames of HTTP/2 that it is told to, also such as no client should. */
final class RawHttp2 implements AutoCloseable {
    static final int DATA = 0;
    static final int HEADERS = 1;
    static final int RST_STREAM = 3;
    static final int SETTINGS = 4;
    static final int GOAWAY = 7;
    static final int WINDOW_UPDATE = 8;
    static final int CONTINUATION = 9;
    static final int END_STREAM = 1;
    static final int END_HEADERS = 4;

    /** {@code GET http://a/} in HPACK. */
    private static final byte[] GET = {(byte) 0x82, (byte) 0x86, (byte) 0x84, 0x41, 1, 'a'};
    /** {@code :status: 200} in HPACK. */
    private static final byte OK = (byte) 0x88;

    private static final int CANCEL = 8;
    private static final short INITIAL_WINDOW_SIZE = 4;
    private static final int PATIENCE_MILLIS = 20_000;

    private final Socket socket;
    private final DataInputStream in;
    private final DataOutputStream out;

    record Frame(int type, int flags, int stream, ByteBuffer payload) {
        /** Of the answer's head. */
        boolean isOk() {
            return type == HEADERS && payload.get(0) == OK;
        }

        /** Of a GOAWAY: the last stream that is carried. */
        int lastStream() {
            return payload.getInt(0);
        }

        /** Of a GOAWAY. */
        int error() {
            return payload.getInt(4);
        }
    }

    RawHttp2(int port) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(PATIENCE_MILLIS);
        socket.setTcpNoDelay(true);
        in = new DataInputStream(socket.getInputStream());
        out = new DataOutputStream(socket.getOutputStream());
        out.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        send(SETTINGS, 0, 0);
    }

    void send(int type, int flags, int stream, byte... payload) throws IOException {
        out.write(new byte[] {(byte) (payload.length >> 16), (byte) (payload.length >> 8), (byte) payload.length});
        out.writeByte(type);
        out.writeByte(flags);
        out.writeInt(stream);
        out.write(payload);
    }

    /** A whole request. */
    void get(int stream) throws IOException {
        begin(stream, END_HEADERS | END_STREAM);
    }

    /** The beginning of a request, or of its head. */
    void begin(int stream, int flags) throws IOException {
        send(HEADERS, flags, stream, GET);
    }

    /** Lets in as much as anybody likes to send. */
    void openWindows() throws IOException {
        streamWindows(Integer.MAX_VALUE);
        // of the connection, beside what it has at first
        send(
                WINDOW_UPDATE,
                0,
                0,
                ByteBuffer.allocate(4).putInt(Integer.MAX_VALUE - 65535).array());
    }

    /** How much each stream lets in. */
    void streamWindows(int size) throws IOException {
        send(
                SETTINGS,
                0,
                0,
                ByteBuffer.allocate(6)
                        .putShort(INITIAL_WINDOW_SIZE)
                        .putInt(size)
                        .array());
    }

    void reset(int stream) throws IOException {
        send(RST_STREAM, 0, stream, (byte) 0, (byte) 0, (byte) 0, (byte) CANCEL);
    }

    /** The next frame of the kind; others before it are passed over. */
    Frame next(int type) throws IOException {
        while (true) {
            int length = (in.readUnsignedShort() << 8) | in.readUnsignedByte();
            int kind = in.readUnsignedByte();
            int flags = in.readUnsignedByte();
            int stream = in.readInt() & Integer.MAX_VALUE;
            var frame = new Frame(kind, flags, stream, ByteBuffer.wrap(in.readNBytes(length)));
            if (kind == type) {
                return frame;
            }
        }
    }

    /** Whether the server has closed the connection; waits for it. */
    boolean isEnded() throws IOException {
        try {
            while (true) {
                var _ = next(GOAWAY);
            }
        } catch (EOFException | SocketException e) {
            return true;
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
