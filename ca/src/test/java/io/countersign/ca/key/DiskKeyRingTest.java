// SPDX-License-Identifier: Apache-2.0
package io.countersign.ca.key;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DiskKeyRingTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @EnumSource(KeyType.class)
    void aKeyIsThereAfterARestart(KeyType type) throws IOException {
        var file = folder.resolve("keys").resolve("keys.json");
        var made = DiskKeyRing.open(file).generate("x509-CA-A", type);

        var found = DiskKeyRing.open(file).find("x509-CA-A").orElseThrow();

        assertEquals(made.getPublic(), found.getPublic());
        assertEquals(made.getPrivate(), found.getPrivate());
    }

    @Test
    void aNewKeyLeavesTheOthers() throws IOException {
        var file = folder.resolve("keys.json");
        var ring = DiskKeyRing.open(file);
        var first = ring.generate("x509-CA-A", KeyType.EC_P256);
        var replaced = ring.generate("x509-CA-B", KeyType.EC_P256);
        var latest = ring.generate("x509-CA-B", KeyType.EC_P256);

        var reopened = DiskKeyRing.open(file);

        assertEquals(first.getPublic(), reopened.find("x509-CA-A").orElseThrow().getPublic());
        assertEquals(
                latest.getPublic(), reopened.find("x509-CA-B").orElseThrow().getPublic());
        assertTrue(!replaced.getPublic().equals(latest.getPublic()));
    }

    @Test
    void onlyTheOwnerReadsTheFile() throws IOException {
        var file = folder.resolve("keys.json");
        var _ = DiskKeyRing.open(file).generate("JWT-Signer-A", KeyType.EC_P256);

        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
    }

    @Test
    void aFileThatIsNotUnderstoodIsNotWrittenOver() throws IOException {
        var file = folder.resolve("keys.json");
        Files.writeString(file, "{\"keys\":{\"x509-CA-A\":\"AAAA\"}}");

        var failure = assertThrows(IOException.class, () -> DiskKeyRing.open(file));

        assertTrue(String.valueOf(failure.getMessage()).contains("x509-CA-A"), failure::getMessage);
        assertTrue(Files.readString(file).contains("AAAA"));
    }
}
