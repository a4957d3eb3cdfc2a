// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.attest.systemd;

import io.countersign.agent.attest.systemd.DBusMessage.Argument;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;

/** Answers on a bus in systemd's name, with one unit. */
final class TestManager implements AutoCloseable {
    static final int KNOWN = 7;
    private static final String NAME = "org.freedesktop.systemd1";
    private static final String UNIT = "/org/freedesktop/systemd1/unit/shop_2eservice";
    private static final String BUS = "org.freedesktop.DBus";

    private final SocketChannel socket;
    private final InputStream in;
    private final OutputStream out;
    private int serial = 2;

    private TestManager(SocketChannel socket) {
        this.socket = socket;
        this.in = new DataInputStream(Channels.newInputStream(socket));
        this.out = Channels.newOutputStream(socket);
    }

    static TestManager serve(Path bus) throws IOException {
        var socket = SocketChannel.open(StandardProtocolFamily.UNIX);
        socket.connect(UnixDomainSocketAddress.of(bus));
        var manager = new TestManager(socket);
        var uid = String.valueOf(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
        manager.send(("\0AUTH EXTERNAL " + HexFormat.of().formatHex(uid.getBytes(StandardCharsets.US_ASCII)) + "\r\n")
                .getBytes(StandardCharsets.US_ASCII));
        while (manager.in.read() != '\n') {
            // OK and the bus's number
        }
        manager.send("BEGIN\r\n".getBytes(StandardCharsets.US_ASCII));
        manager.send(DBusMessage.call(1, BUS, "/org/freedesktop/DBus", BUS, "Hello", List.of()));
        manager.send(DBusMessage.call(
                2,
                BUS,
                "/org/freedesktop/DBus",
                BUS,
                "RequestName",
                List.of(new Argument.Text(NAME), new Argument.Unsigned(0))));
        var named = false;
        while (!named) {
            named = Call.of(manager.next()).answers() == 2;
        }
        Thread.ofVirtual().start(manager::run);
        return manager;
    }

    private void run() {
        try {
            while (true) {
                var call = Call.of(next());
                if (call.type() == 1) {
                    send(answer(call));
                }
            }
        } catch (IOException closed) {
            // the test is over
        }
    }

    private byte[] answer(Call call) {
        return switch (call.member()) {
            case "GetUnitByPID" ->
                call.number() == KNOWN
                        ? reply(call, DBusMessage.REPLY, "o", text(UNIT))
                        : reply(call, DBusMessage.ERROR, "s", text("PID does not belong to any loaded unit."));
            case "Get" ->
                reply(
                        call,
                        DBusMessage.REPLY,
                        "v",
                        variant(call.secondText().equals("Id") ? "shop.service" : "/etc/systemd/system/shop.service"));
            default -> reply(call, DBusMessage.ERROR, "s", text("unknown"));
        };
    }

    private byte[] reply(Call call, int type, String signature, byte[] body) {
        var fields = new ByteArrayOutputStream();
        field(fields, 5, "u", number(call.serial()));
        field(fields, 6, "s", text(call.sender()));
        field(fields, 8, "g", signature(signature));
        if (type == DBusMessage.ERROR) {
            field(fields, 4, "s", text(NAME + ".NoUnitForPID"));
        }
        var message = new ByteArrayOutputStream();
        message.writeBytes(new byte[] {'l', (byte) type, 1, 1});
        message.writeBytes(number(body.length));
        message.writeBytes(number(++serial));
        message.writeBytes(number(fields.size()));
        message.writeBytes(fields.toByteArray());
        pad(message, 8);
        message.writeBytes(body);
        return message.toByteArray();
    }

    private static void field(ByteArrayOutputStream out, int code, String kind, byte[] value) {
        pad(out, 8);
        out.write(code);
        out.writeBytes(signature(kind));
        out.writeBytes(value);
    }

    private static void pad(ByteArrayOutputStream out, int to) {
        while (out.size() % to != 0) {
            out.write(0);
        }
    }

    private static byte[] number(int value) {
        return ByteBuffer.allocate(4)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(value)
                .array();
    }

    private static byte[] signature(String value) {
        return ((char) value.length() + value + "\0").getBytes(StandardCharsets.ISO_8859_1);
    }

    private static byte[] text(String value) {
        var out = new ByteArrayOutputStream();
        out.writeBytes(number(value.length()));
        out.writeBytes((value + "\0").getBytes(StandardCharsets.US_ASCII));
        return out.toByteArray();
    }

    private static byte[] variant(String value) {
        var out = new ByteArrayOutputStream();
        out.writeBytes(signature("s"));
        pad(out, 4);
        out.writeBytes(text(value));
        return out.toByteArray();
    }

    private ByteBuffer next() throws IOException {
        var fixed = in.readNBytes(DBusMessage.FIXED);
        if (fixed.length < DBusMessage.FIXED) {
            throw new EOFException();
        }
        var rest = in.readNBytes(DBusMessage.rest(ByteBuffer.wrap(fixed)));
        return ByteBuffer.allocate(fixed.length + rest.length)
                .put(fixed)
                .put(rest)
                .flip();
    }

    private void send(byte[] bytes) throws IOException {
        out.write(bytes);
        out.flush();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    /** What is of interest in a message to the manager. */
    private record Call(
            int type, int serial, int answers, String member, String sender, int number, String secondText) {
        static Call of(ByteBuffer message) {
            message.order(ByteOrder.LITTLE_ENDIAN);
            int end = DBusMessage.FIXED + message.getInt(12);
            message.position(DBusMessage.FIXED);
            int answers = 0;
            var member = "";
            var sender = "";
            var signature = "";
            while (message.position() < end) {
                align(message, 8);
                int code = message.get();
                switch (take(message, message.get())) {
                    case "u" -> {
                        align(message, 4);
                        answers = message.getInt();
                    }
                    case "g" -> signature = take(message, message.get());
                    default -> {
                        var value = text(message);
                        member = code == 3 ? value : member;
                        sender = code == 7 ? value : sender;
                    }
                }
            }
            align(message, 8);
            int number = signature.equals("u") ? message.getInt() : 0;
            var second = "";
            if (signature.equals("ss")) {
                text(message);
                second = text(message);
            }
            return new Call(message.get(1), message.getInt(8), answers, member, sender, number, second);
        }

        private static void align(ByteBuffer buffer, int to) {
            buffer.position((buffer.position() + to - 1) / to * to);
        }

        private static String text(ByteBuffer buffer) {
            align(buffer, 4);
            return take(buffer, buffer.getInt());
        }

        private static String take(ByteBuffer buffer, int length) {
            var bytes = new byte[length];
            buffer.get(bytes);
            buffer.get();
            return new String(bytes, StandardCharsets.UTF_8);
        }
    }
}
