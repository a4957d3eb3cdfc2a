// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.node;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.agent.TestWeb;
import io.countersign.launch.web.WebRoots;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A bundle from a web server with a certificate of its own authority. */
final class WebBundleTest {
    @TempDir
    private Path folder;

    private TestWeb web;

    @BeforeEach
    void open() throws Exception {
        web = new TestWeb(folder);
        web.body = "the bundle".getBytes(StandardCharsets.UTF_8);
    }

    @AfterEach
    void close() {
        web.close();
    }

    private WebRoots roots() {
        return new WebRoots(Optional.of(web.roots));
    }

    private WebBundle bundle(WebRoots trusted) {
        return new WebBundle(web.address(), trusted);
    }

    @Test
    void theBodyIsFetchedFromAServerThatIsTrusted() throws Exception {
        assertArrayEquals(web.body, bundle(roots()).fetch());
    }

    @Test
    void aServerOfAnotherAuthorityIsNotBelieved() {
        var failure = assertThrows(
                AwayException.class,
                () -> bundle(new WebRoots(Optional.empty())).fetch());
        assertTrue(String.valueOf(failure.getMessage()).contains("SSLHandshakeException"), failure::getMessage);
    }

    @Test
    void anAnswerThatIsNone() {
        web.status.set(404);
        var failure = assertThrows(AwayException.class, () -> bundle(roots()).fetch());
        assertEquals("trust_bundle_url " + bundle(roots()).url() + " answers 404, expected 200", failure.getMessage());
    }

    @Test
    void anAnswerWithoutEndIsCutOff() {
        web.body = new byte[5 << 20];
        assertThrows(AwayException.class, () -> bundle(roots()).fetch());
    }
}
