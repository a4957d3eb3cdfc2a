// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.countersign.sidecar.flow.Buffers;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

// where lines end is what these are about
@SuppressWarnings("StringConcatToTextBlock")
class RequestCodecTest {
    private static final int MOST_HEADER_BYTES = 60 * 1024;
    private static final String CHUNKED = "POST /first HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n";
    private static final String HIDDEN = "GET /hidden HTTP/1.1\r\nhost: a\r\n\r\n";

    private final EmbeddedChannel channel = new EmbeddedChannel(new RequestCodec(Buffers.http1(MOST_HEADER_BYTES)));

    @AfterEach
    void close() {
        channel.finishAndReleaseAll();
    }

    private void come(String text) {
        channel.writeInbound(Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1));
    }

    private void comeInLetters(String text) {
        text.chars().forEach(letter -> come(String.valueOf((char) letter)));
    }

    /** Paths, with the bodies behind them; "refused" where the codec gave up. */
    private List<String> requests() {
        var all = new ArrayList<String>();
        var now = new StringBuilder();
        for (HttpObject read = channel.readInbound(); read != null; read = channel.readInbound()) {
            if (read.decoderResult().isFailure()) {
                ReferenceCountUtil.release(read);
                all.add("refused");
                return all;
            }
            if (read instanceof HttpRequest request) {
                now.append(request.uri()).append(' ');
            }
            if (read instanceof HttpContent content) {
                now.append(content.content().toString(StandardCharsets.ISO_8859_1));
                content.release();
            }
            if (read instanceof LastHttpContent) {
                all.add(now.toString().stripTrailing());
                now.setLength(0);
            }
        }
        return all;
    }

    @ParameterizedTest
    @ValueSource(strings = {" 2", "\\t2", "2\\013", "2\\0", "2 x", "2 2", "", " ", "\\r", "2\\r", "+2", "0x2", "\\262"})
    void sizeThatMayBeReadInTwoWaysIsRefused(String size) {
        come(CHUNKED + size.translateEscapes() + "\r\nab\r\n0\r\n\r\n" + HIDDEN);
        assertEquals(List.of("refused"), requests());
    }

    @ParameterizedTest
    @ValueSource(strings = {" 2", "\\t2", "2\\013", "2\\0"})
    void sizeInPiecesIsRefusedAsWell(String size) {
        comeInLetters(CHUNKED + size.translateEscapes() + "\r\nab\r\n0\r\n\r\n" + HIDDEN);
        assertEquals(List.of("refused"), requests());
    }

    @ParameterizedTest
    @ValueSource(strings = {" 0", "0\\0", " 2", "2\\013"})
    void laterSizeIsLookedAtAsTheFirst(String size) {
        comeInLetters(CHUNKED + "1;x=y\r\na\r\n00000003\r\nbcd\r\n" + size.translateEscapes() + "\r\nab\r\n0\r\n\r\n"
                + HIDDEN);
        assertEquals(List.of("refused"), requests());
    }

    @ParameterizedTest
    @ValueSource(strings = {"2", "02", "2 ", "2\\t", "2;", "2;x=\"y\"", "2 ;x=y", "00000000000000002"})
    void sizeWithWhatMayStandBehindItIsTaken(String size) {
        var request = CHUNKED + size.translateEscapes() + "\r\nab\r\n0 \r\nx-sum: 1\r\n\r\n";
        come(request + request + HIDDEN);
        assertEquals(List.of("/first ab", "/first ab", "/hidden"), requests());

        comeInLetters(request + HIDDEN + request);
        assertEquals(List.of("/first ab", "/hidden", "/first ab"), requests());
    }

    /** What looks like a size stands in the data. */
    @Test
    void dataIsNotLookedAt() {
        comeInLetters(CHUNKED + "7\r\n 2\r\nab\n\r\n0\r\n\r\n" + HIDDEN);
        assertEquals(2, requests().size());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                " GET /first HTTP/1.1",
                "\\r\\n GET /first HTTP/1.1",
                "GET /first http/1.1",
                "GET /first Http/1.1"
            })
    void requestLineThatMayBeReadInTwoWaysIsRefused(String line) {
        come(HIDDEN + line.translateEscapes() + "\r\nhost: a\r\n\r\n" + HIDDEN);
        assertEquals(List.of("/hidden", "refused"), requests());
    }

    @Test
    void emptyLinesBeforeARequestAreReadOver() {
        comeInLetters("\r\n\r\n" + HIDDEN + "\r\n" + HIDDEN);
        assertEquals(List.of("/hidden", "/hidden"), requests());
    }

    /** Whatever is said of its body: one that followed would be read as the next answer. */
    @Test
    void answerToHeadHasNoBody() {
        come("HEAD /first HTTP/1.1\r\nhost: a\r\n\r\n" + HIDDEN);
        assertEquals(List.of("/first", "/hidden"), requests());

        assertFalse(answer().contains("0\r\n"));
        assertEquals("0\r\n\r\n", answer().split("\r\n\r\n", 2)[1]);
    }

    private String answer() {
        var head = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
        head.headers().set("transfer-encoding", "chunked");
        channel.writeOutbound(head, LastHttpContent.EMPTY_LAST_CONTENT);
        var all = new StringBuilder();
        for (ByteBuf written = channel.readOutbound(); written != null; written = channel.readOutbound()) {
            all.append(written.toString(StandardCharsets.ISO_8859_1));
            written.release();
        }
        return all.toString();
    }
}
