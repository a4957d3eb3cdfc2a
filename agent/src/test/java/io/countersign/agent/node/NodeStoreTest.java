// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.node;

import static io.countersign.agent.TestDomain.HOME;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.gson.JsonParser;
import io.countersign.agent.TestDomain;
import io.countersign.agent.entry.Edition;
import io.countersign.agent.identity.IssuedSvid;
import io.countersign.spiffe.x509.X509Svid;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two files belong together, and the second may fail. */
final class NodeStoreTest {
    @TempDir
    private Path folder;

    private final TestDomain domain = new TestDomain(HOME);

    private NodeStore store() {
        return new NodeStore(HOME, folder.resolve("data"), Optional.of(folder.resolve("keys")));
    }

    private NodeIdentity next() {
        var svid = domain.issue("/spire/agent/join_token/x");
        return new NodeIdentity(IssuedSvid.of(svid, Edition.NONE), domain.bundle(), false);
    }

    private X509Svid saved() throws IOException {
        var identity = next();
        store().save(identity);
        return identity.svid().svid();
    }

    private X509Svid loaded() throws IOException {
        return store().load().orElseThrow().svid().svid();
    }

    private Set<String> places() throws IOException {
        return JsonParser.parseString(Files.readString(folder.resolve("keys/keys.json")))
                .getAsJsonObject()
                .getAsJsonObject("keys")
                .keySet();
    }

    @Test
    void whatCannotBeStoredLeavesWhatWasThereBefore() throws Exception {
        var before = saved();
        var block = Files.createDirectories(folder.resolve("data/agent-data.json.new/full"));

        for (int i = 0; i < 3; i++) {
            assertThrows(IOException.class, () -> store().save(next()));
            assertEquals(before, loaded());
        }

        Files.delete(block);
        assertEquals(saved(), loaded());
    }

    @Test
    void keysTakeTurnsInTheTwoPlacesOfTheOriginal() throws Exception {
        assertEquals(saved(), loaded());
        assertEquals(Set.of("agent-svid-A"), places());
        for (int i = 0; i < 3; i++) {
            var svid = saved();
            assertEquals(svid, loaded());
            assertEquals(svid.privateKey(), loaded().privateKey());
            assertEquals(Set.of("agent-svid-A", "agent-svid-B"), places());
        }
    }
}
