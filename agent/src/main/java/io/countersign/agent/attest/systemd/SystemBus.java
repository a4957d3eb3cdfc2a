// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.attest.systemd;

import io.countersign.agent.attest.systemd.DBusMessage.Argument;
import java.io.EOFException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;

/** A connection to a message bus, for one thread; an interrupt ends its waiting. */
final class SystemBus implements AutoCloseable {
    private static final String BUS = "org.freedesktop.DBus";
    private static final int LONGEST_LINE = 1_024;

    private final SocketChannel socket;
    private int serial;

    private SystemBus(SocketChannel socket) {
        this.socket = socket;
    }

    /** Says who this process is, which the bus asks the kernel. */
    static SystemBus connect(Path path) throws IOException {
        var bus = new SystemBus(SocketChannel.open(StandardProtocolFamily.UNIX));
        try {
            bus.socket.connect(UnixDomainSocketAddress.of(path));
            bus.authenticate();
            bus.call(BUS, "/org/freedesktop/DBus", BUS, "Hello");
            return bus;
        } catch (IOException e) {
            bus.close();
            throw new IOException("the message bus at " + path + " cannot be used: " + e.getMessage(), e);
        }
    }

    private void authenticate() throws IOException {
        var uid = String.valueOf(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
        var name = HexFormat.of().formatHex(uid.getBytes(StandardCharsets.US_ASCII));
        write(("\0AUTH EXTERNAL " + name + "\r\n").getBytes(StandardCharsets.US_ASCII));
        var answer = line();
        if (!answer.startsWith("OK ")) {
            throw new IOException("it answers \"" + answer + "\", expected OK");
        }
        write("BEGIN\r\n".getBytes(StandardCharsets.US_ASCII));
    }

    /**
     * The first value of the reply, if it is a text.
     *
     * @throws IOException if there is none, or an error
     */
    String call(String destination, String path, String api, String member, Argument... arguments) throws IOException {
        int mine = ++serial;
        write(DBusMessage.call(mine, destination, path, api, member, List.of(arguments)));
        while (true) {
            var message = next();
            if (message.answers() != mine) {
                continue; // a signal
            }
            if (message.type() == DBusMessage.REPLY) {
                return message.text();
            }
            throw new IOException(member + " failed: " + message.error() + ": " + message.text());
        }
    }

    private DBusMessage next() throws IOException {
        var fixed = read(DBusMessage.FIXED);
        var rest = read(DBusMessage.rest(fixed));
        var whole = ByteBuffer.allocate(fixed.capacity() + rest.capacity());
        return DBusMessage.parse(whole.put(fixed).put(rest).flip());
    }

    private String line() throws IOException {
        var line = new StringBuilder();
        while (!line.toString().endsWith("\r\n")) {
            line.append((char) read(1).get(0));
            if (line.length() > LONGEST_LINE) {
                throw new IOException("it answers with a line that does not end");
            }
        }
        return line.toString().strip();
    }

    private ByteBuffer read(int length) throws IOException {
        var buffer = ByteBuffer.allocate(length);
        while (buffer.hasRemaining()) {
            if (socket.read(buffer) < 0) {
                throw new EOFException("it has ended the connection");
            }
        }
        return buffer.flip();
    }

    private void write(byte[] bytes) throws IOException {
        var buffer = ByteBuffer.wrap(bytes);
        while (buffer.hasRemaining()) {
            socket.write(buffer);
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
