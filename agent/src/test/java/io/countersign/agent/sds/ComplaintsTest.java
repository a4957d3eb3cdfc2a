// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.sds;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.rpc.Status;
import io.countersign.agent.TestEndpoint;
import io.countersign.agent.TestEndpoint.Options;
import io.countersign.launch.Log;
import io.countersign.launch.LogSettings;
import io.countersign.sdsapi.discovery.DeltaDiscoveryRequest;
import io.countersign.sdsapi.discovery.DiscoveryRequest;
import io.countersign.sdsapi.secret.SecretDiscoveryServiceGrpc;
import io.countersign.sdsapi.secret.SecretDiscoveryServiceGrpc.SecretDiscoveryServiceBlockingV2Stub;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clients that say without end that they cannot use what they got, in words of their own. */
final class ComplaintsTest {
    private static final int MANY = 1_000;
    private static final Status FORGED = Status.newBuilder()
            .setMessage("\n2026-01-01T00:00:00.000Z INFO  forged \u001b[2J" + "x".repeat(100_000))
            .build();

    @TempDir
    private Path folder;

    private TestEndpoint endpoint;

    @BeforeEach
    void open() throws IOException {
        endpoint = new TestEndpoint(folder, Options.standard());
        endpoint.put(endpoint.entry("a", "/web"));
        Log.configure(new LogSettings(LogSettings.Level.INFO, LogSettings.Format.TEXT, Optional.of(log())));
    }

    @AfterEach
    void close() throws Exception {
        Log.configure(LogSettings.standard());
        endpoint.close();
    }

    private Path log() {
        return folder.resolve("log");
    }

    private SecretDiscoveryServiceBlockingV2Stub stub() {
        return SecretDiscoveryServiceGrpc.newBlockingV2Stub(endpoint.channel).withDeadlineAfter(50, TimeUnit.SECONDS);
    }

    private void assertOneShortLine() throws IOException {
        var lines = Files.readAllLines(log());
        assertEquals(1, lines.size(), () -> lines.size() + " lines");
        var line = lines.getFirst();
        assertTrue(line.contains(" an sds client refuses what it got:  2026-01-01"), line);
        assertTrue(line.length() < 400, () -> line.length() + " letters");
    }

    private static DiscoveryRequest.Builder request(String... names) {
        return DiscoveryRequest.newBuilder().setTypeUrl(SecretType.URL).addAllResourceNames(List.of(names));
    }

    @Test
    void eachAnswerHasOneLine() throws Exception {
        var call = stub().streamSecrets();
        call.write(request("default").build());
        var answer = call.read();
        assertNotNull(answer, "the stream ended with OK");
        var refusal = request("default")
                .setResponseNonce(answer.getNonce())
                .setErrorDetail(FORGED)
                .build();
        for (int i = 0; i < MANY; i++) {
            call.write(refusal);
        }
        // answered when all of that is heard
        call.write(request("ROOTCA").setResponseNonce(answer.getNonce()).build());
        assertNotNull(call.read());
        call.cancel("seen", null);
        assertOneShortLine();
    }

    @Test
    void eachIncrementHasOneLine() throws Exception {
        var call = stub().deltaSecrets();
        call.write(DeltaDiscoveryRequest.newBuilder()
                .setTypeUrl(SecretType.URL)
                .addResourceNamesSubscribe("default")
                .build());
        var answer = call.read();
        assertNotNull(answer, "the stream ended with OK");
        var refusal = DeltaDiscoveryRequest.newBuilder()
                .setTypeUrl(SecretType.URL)
                .setResponseNonce(answer.getNonce())
                .setErrorDetail(FORGED)
                .build();
        for (int i = 0; i < MANY; i++) {
            call.write(refusal);
        }
        call.write(DeltaDiscoveryRequest.newBuilder()
                .setTypeUrl(SecretType.URL)
                .addResourceNamesSubscribe("ROOTCA")
                .build());
        assertNotNull(call.read());
        call.cancel("seen", null);
        assertOneShortLine();
    }
}
