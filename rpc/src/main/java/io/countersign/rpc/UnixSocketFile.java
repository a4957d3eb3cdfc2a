// SPDX-License-Identifier: Apache-2.0
package io.countersign.rpc;

import java.io.IOException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;

/** The file that a Unix socket is, for whatever listens there. */
public final class UnixSocketFile {
    /** What fits into the kernel's address, without the closing zero. */
    private static final int LONGEST = 107;

    private static final int ROOT = 0;
    /** The bits of a file's mode that say what it is, and what they are for a socket (inode(7)). */
    private static final int KIND = 0170000;

    private static final int SOCKET = 0140000;

    private UnixSocketFile() {}

    /**
     * Makes the parent folder and takes away a socket that a killed process has left.
     *
     * @throws IOException if somebody listens there, something else than a socket is there, the folder is somebody else's, or
     *     the path is too long for an address
     */
    public static void prepare(Path socket) throws IOException {
        var absolute = socket.toAbsolutePath();
        int length = absolute.toString().getBytes(StandardCharsets.UTF_8).length;
        if (length > LONGEST) {
            throw new IOException("socket path " + absolute + " has " + length + " bytes, expected at most " + LONGEST);
        }
        var parent = absolute.getParent();
        if (parent != null) {
            makeFolder(parent);
        }
        if (Files.exists(absolute, LinkOption.NOFOLLOW_LINKS)) {
            takeAway(absolute);
        }
    }

    private static void makeFolder(Path folder) throws IOException {
        var above = folder.getParent();
        if (above != null && !Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
            makeFolder(above);
            Files.createDirectories(folder);
        }
        requireNoStrangers(folder);
    }

    /** Whoever owns a folder can put a socket, or another folder, of his own in the place of what is in it. */
    private static void requireNoStrangers(Path folder) throws IOException {
        int own = number(Path.of("/proc/self"), "uid");
        for (var named : List.of(folder, folder.toRealPath())) {
            int owner = number(named, "uid", LinkOption.NOFOLLOW_LINKS);
            if (owner != ROOT && owner != own) {
                throw new IOException("folder " + named + " of the socket belongs to user "
                        + Integer.toUnsignedString(owner) + ", expected root or user " + Integer.toUnsignedString(own)
                        + "; take it away or name another folder");
            }
        }
    }

    private static void takeAway(Path socket) throws IOException {
        if ((number(socket, "mode", LinkOption.NOFOLLOW_LINKS) & KIND) != SOCKET) {
            throw new IOException(socket + " is no socket, expected one or nothing; take it away or name another path");
        }
        if (isServed(socket)) {
            throw new IOException("socket " + socket + " is in use, stop the other process or name another socket");
        }
        Files.delete(socket);
    }

    private static int number(Path file, String name, LinkOption... options) throws IOException {
        if (Files.getAttribute(file, "unix:" + name, options) instanceof Integer number) {
            return number;
        }
        throw new IOException(file + " has no " + name);
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
}
