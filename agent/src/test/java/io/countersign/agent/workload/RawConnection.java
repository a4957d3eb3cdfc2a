// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.workload;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.SSLContext;

/** A connection to the agent's socket on which every byte is the test's. */
record RawConnection(SocketChannel channel) implements AutoCloseable {
    static final int DATA = 0;
    static final int HEADERS = 1;
    static final int RST_STREAM = 3;
    private static final int SETTINGS = 4;
    private static final int PING = 6;
    private static final int WINDOW_UPDATE = 8;

    static RawConnection open(Path socket) throws IOException {
        var channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        channel.connect(UnixDomainSocketAddress.of(socket));
        return new RawConnection(channel);
    }

    static byte[] text(String words) {
        return words.getBytes(StandardCharsets.US_ASCII);
    }

    /** How TLS begins. */
    static byte[] clientHello() throws Exception {
        var engine = SSLContext.getDefault().createSSLEngine();
        engine.setUseClientMode(true);
        var hello = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
        engine.wrap(ByteBuffer.allocate(0), hello);
        return Arrays.copyOf(hello.array(), hello.position());
    }

    void send(byte[] bytes) throws IOException {
        var rest = ByteBuffer.wrap(bytes);
        while (rest.hasRemaining()) {
            channel.write(rest);
        }
    }

    /** Calls FetchX509SVID with this header as {@code true}. */
    void ask(String header) throws IOException {
        var bytes = beginning(header);
        frame(new DataOutputStream(bytes), DATA, 1, 1, new byte[5]);
        send(bytes.toByteArray());
    }

    /** The same without the request. */
    void begin(String header) throws IOException {
        send(beginning(header).toByteArray());
    }

    private static ByteArrayOutputStream beginning(String header) throws IOException {
        var bytes = new ByteArrayOutputStream();
        var out = new DataOutputStream(bytes);
        out.write(text("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"));
        frame(out, SETTINGS, 0, 0, new byte[0]);
        frame(out, HEADERS, 4, 1, fields(header));
        return bytes;
    }

    private static void frame(DataOutputStream out, int type, int flags, int stream, byte[] payload)
            throws IOException {
        out.writeByte(0);
        out.writeShort(payload.length);
        out.writeByte(type);
        out.writeByte(flags);
        out.writeInt(stream);
        out.write(payload);
    }

    /** Each as a literal with a new name (RFC 7541, section 6.2.2). */
    private static byte[] fields(String header) {
        var fields = new ByteArrayOutputStream();
        for (var field : List.of(
                List.of(":method", "POST"),
                List.of(":scheme", "http"),
                List.of(":path", "/SpiffeWorkloadAPI/FetchX509SVID"),
                List.of(":authority", "localhost"),
                List.of("content-type", "application/grpc"),
                List.of("te", "trailers"),
                List.of(header, "true"))) {
            fields.write(0);
            for (var part : field) {
                fields.write(part.length());
                fields.writeBytes(text(part));
            }
        }
        return fields.toByteArray();
    }

    /** The type of the first frame that says how the call goes: {@link #DATA} is an answer; headers come before it. */
    int outcome() throws IOException {
        var in = new DataInputStream(Channels.newInputStream(channel));
        while (true) {
            int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
            int type = in.readUnsignedByte();
            boolean endsStream = (in.readUnsignedByte() & 1) == 1;
            in.skipNBytes(Integer.BYTES + length);
            boolean ofTheConnection = type == SETTINGS || type == PING || type == WINDOW_UPDATE;
            if (!ofTheConnection && (type != HEADERS || endsStream)) {
                return type;
            }
        }
    }

    void awaitEnd() throws IOException {
        Channels.newInputStream(channel).readAllBytes();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
