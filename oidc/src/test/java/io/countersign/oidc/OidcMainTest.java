// SPDX-License-Identifier: Apache-2.0
package io.countersign.oidc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Exit codes. */
class OidcMainTest {
    @TempDir
    Path folder;

    private String config(String more) throws IOException {
        var file = folder.resolve("oidc-discovery-provider.conf");
        Files.writeString(file, """
                domains = ["localhost"]
                listen_socket_path = "%1$s/$SOCKET_NAME.sock"
                file { path = "%1$s/bundle.json" }
                """.formatted(folder) + more);
        return file.toString();
    }

    @Test
    void versionAndHelpNeedNoFile() {
        assertEquals(0, OidcMain.run("-version"));
        assertEquals(0, OidcMain.run("-h"));
    }

    @Test
    void wrongFlagIsTwoAndAnyOtherWordIsOne() {
        assertEquals(2, OidcMain.run("-no-such-flag"));
        assertEquals(2, OidcMain.run("-expandEnv=perhaps"));
        assertEquals(2, OidcMain.run("-config"));
        assertEquals(1, OidcMain.run("run"));
    }

    @Test
    void fileThatIsWrongOrMissingIsOne() throws IOException {
        assertEquals(1, OidcMain.run("-config", config("no_such_key = 1")));
        assertEquals(1, OidcMain.run("-config", folder.resolve("none.conf").toString()));
    }

    @Test
    void signalEndsItWithZero() throws Exception {
        var builder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        OidcMain.class.getName(),
                        "-expandEnv",
                        "-config",
                        config(""))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD);
        builder.environment().put("SOCKET_NAME", "expanded");
        var running = builder.start();
        try {
            Eventually.holds("an answer", () -> answers(folder.resolve("expanded.sock")));

            running.destroy();

            assertTrue(running.waitFor(20, TimeUnit.SECONDS));
            assertEquals(0, running.exitValue());
        } finally {
            running.destroyForcibly();
        }
    }

    /** The socket alone is there before it waits for a signal. */
    private static boolean answers(Path socket) throws IOException {
        try (var channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            channel.write(ByteBuffer.wrap("GET / HTTP/1.0\r\n\r\n".getBytes(StandardCharsets.US_ASCII)));
            return channel.read(ByteBuffer.allocate(1)) == 1;
        }
    }
}
