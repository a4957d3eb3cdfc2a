// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.server.TestServer;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** SPIRE's commands say 0 with {@code -output json}, whatever became of the items (reference, spire.md 10.5 no. 11). */
@Timeout(60)
class JsonFailuresTest {
    @TempDir
    Path folder;

    private TestServer server;

    @BeforeEach
    void start() throws Exception {
        server = TestServer.start(folder);
        assertEquals(
                0,
                run("entry create -entryID there -spiffeID spiffe://example.org/a -parentID "
                                + "spiffe://example.org/p -selector a:1 -output json")
                        .code());
    }

    @AfterEach
    void close() {
        server.close();
    }

    private Output run(String words) {
        return Output.of(server, words);
    }

    @ParameterizedTest
    @CsvSource({
        "entry create -spiffeID spiffe://example.org/a -parentID spiffe://example.org/p -selector a:1",
        "entry update -entryID missing -spiffeID spiffe://example.org/a -parentID spiffe://example.org/p -selector a:1",
        "entry delete -entryID missing",
        "bundle delete -id missing.test",
        "federation create -trustDomain example.org -bundleEndpointURL https://127.0.0.1:1 -bundleEndpointProfile https_web",
        "federation update -trustDomain missing.test -bundleEndpointURL https://127.0.0.1:1 -bundleEndpointProfile https_web",
        "federation delete -id missing.test",
    })
    void whatIsRefusedEndsWithOneInJsonAsInWords(String words) {
        var json = run(words + " -output json");
        assertEquals(1, json.code(), json::toString);
        assertTrue(json.out().startsWith("{\"results\":["), json::out);
        assertEquals("", json.err());
        assertEquals(1, run(words).code());
    }

    @ParameterizedTest
    @CsvSource({
        "entry update -entryID there -spiffeID spiffe://example.org/b -parentID spiffe://example.org/p -selector a:1",
        "entry delete -entryID there",
    })
    void whatIsDoneEndsWithZero(String words) {
        assertEquals(0, run(words + " -output json").code());
    }
}
