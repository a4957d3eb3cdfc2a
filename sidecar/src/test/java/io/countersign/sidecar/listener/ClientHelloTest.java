// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.listener;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.countersign.sidecar.bootstrap.ListenerConfig.Transport;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import org.junit.jupiter.api.Test;

class ClientHelloTest {
    private static final int RECORD_HEADER = 5;
    private static final FirstWords SAID = new FirstWords(Transport.TLS, "a.test", List.of("h2", "http/1.1"));

    /** As Java's own client says it. */
    private static byte[] hello() throws Exception {
        SSLEngine engine = SSLContext.getDefault().createSSLEngine();
        engine.setUseClientMode(true);
        var parameters = engine.getSSLParameters();
        parameters.setServerNames(List.of(new SNIHostName("A.test")));
        parameters.setApplicationProtocols(new String[] {"h2", "http/1.1"});
        engine.setSSLParameters(parameters);
        var out = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
        engine.beginHandshake();
        engine.wrap(ByteBuffer.allocate(0), out);
        return Arrays.copyOf(out.array(), out.position());
    }

    private static Optional<FirstWords> read(byte[] bytes) {
        return new ClientHello().read(ByteBuffer.wrap(bytes));
    }

    @Test
    void isReadOnceItIsWhole() throws Exception {
        byte[] hello = hello();

        for (int length = 0; length < hello.length; length++) {
            assertEquals(Optional.empty(), read(Arrays.copyOf(hello, length)), "after " + length);
        }
        assertEquals(Optional.of(SAID), read(hello));
    }

    @Test
    void mayComeInSeveralRecords() throws Exception {
        byte[] hello = hello();
        int cut = 40;
        var split = ByteBuffer.allocate(hello.length + 5);
        split.put(hello, 0, 3).putShort((short) cut).put(hello, 5, cut);
        split.put(hello, 0, 3).putShort((short) (hello.length - 5 - cut)).put(hello, 5 + cut, hello.length - 5 - cut);

        assertEquals(Optional.of(SAID), read(split.array()));
        assertEquals(Optional.empty(), read(Arrays.copyOf(split.array(), 5 + cut + 7)));
    }

    /** In records and packets of one byte each. */
    private static Optional<FirstWords> drip(byte[] hello) {
        var reader = new ClientHello();
        Optional<FirstWords> words = Optional.empty();
        for (int i = RECORD_HEADER; i < hello.length; i++) {
            for (byte one : new byte[] {hello[0], hello[1], hello[2], 0, 1, hello[i]}) {
                assertEquals(Optional.empty(), words, "before " + i);
                words = reader.read(ByteBuffer.wrap(new byte[] {one}));
            }
        }
        return words;
    }

    @Test
    void costsNoMoreInSmallPieces() throws Exception {
        assertEquals(Optional.of(SAID), drip(hello()));
        byte[] endless = new byte[RECORD_HEADER + 60_000];
        // a client hello of 65535 bytes
        System.arraycopy(new byte[] {22, 3, 1, 0, 0, 1, 0, -1, -1}, 0, endless, 0, RECORD_HEADER + 4);

        var words = assertTimeoutPreemptively(Duration.ofSeconds(10), () -> drip(endless));

        assertEquals(Optional.empty(), words);
    }

    @Test
    void anythingElseIsPlain() throws Exception {
        assertEquals(Optional.of(FirstWords.PLAIN), read("GET /".getBytes(StandardCharsets.US_ASCII)));
        assertEquals(Optional.of(FirstWords.PLAIN), read(new byte[] {0}));
        assertEquals(Optional.of(FirstWords.PLAIN), read(new byte[] {22, 2, 0, 0, 5}));
        byte[] broken = hello();
        // the length of the session ID
        broken[5 + 4 + 2 + 32] = (byte) 0xff;
        broken[5 + 4 + 2 + 32 + 1] = (byte) 0xff;
        byte[] cut = Arrays.copyOf(broken, 5 + 4 + 50);
        cut[3] = 0;
        cut[4] = 54;
        cut[7] = 0;
        cut[8] = 50;
        assertEquals(Optional.of(FirstWords.PLAIN), read(cut));
    }
}
