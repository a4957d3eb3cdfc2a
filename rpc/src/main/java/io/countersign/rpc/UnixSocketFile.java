// SPDX-License-Identifier: Apache-2.0
package io.countersign.rpc;

import java.io.IOException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** The file that a Unix socket is, for whatever listens there. */
public final class UnixSocketFile {
    /** What fits into the kernel's address, without the closing zero. */
    private static final int LONGEST = 107;

    private UnixSocketFile() {}

    /**
     * Makes the parent folder and takes away a socket that a killed process has left.
     *
     * @throws IOException if somebody listens there, or the path is too long for an address
     */
    public static void prepare(Path socket) throws IOException {
        var absolute = socket.toAbsolutePath();
        int length = absolute.toString().getBytes(StandardCharsets.UTF_8).length;
        if (length > LONGEST) {
            throw new IOException("socket path " + absolute + " has " + length + " bytes, expected at most " + LONGEST);
        }
        var parent = absolute.getParent();
        if (parent != null) {
            Files.createDirectories(parent);
        }
        if (Files.exists(absolute)) {
            if (isServed(absolute)) {
                throw new IOException(
                        "socket " + absolute + " is in use, stop the other process or name another socket");
            }
            Files.delete(absolute);
        }
    }

    private static boolean isServed(Path socket) throws IOException {
        try (var channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            return channel.connect(UnixDomainSocketAddress.of(socket));
        } catch (ConnectException e) {
            return false;
        }
    }

    /** @param mode permission bits, such as 0777 */
    public static void permit(Path socket, int mode) throws IOException {
        Files.setAttribute(socket, "unix:mode", mode);
    }

    public static void remove(Path socket) throws IOException {
        Files.deleteIfExists(socket);
    }
}
