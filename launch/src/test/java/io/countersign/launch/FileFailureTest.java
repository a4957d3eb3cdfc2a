// SPDX-License-Identifier: Apache-2.0
package io.countersign.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.launch.config.ConfigException;
import io.countersign.launch.config.ConfigFile;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileFailureTest {
    @TempDir
    Path folder;

    private static String words(Path file) {
        return FileFailure.words(assertThrows(IOException.class, () -> Files.readString(file)));
    }

    @Test
    void eachCauseHasItsWords() throws Exception {
        var file = Files.write(folder.resolve("file"), new byte[] {'a', (byte) 0xff});

        assertEquals("it is no text in utf-8", words(file));
        assertEquals("it is not there", words(folder.resolve("other")));
        assertEquals("Is a directory", words(folder));
        assertEquals("Not a directory", words(file.resolve("below")));
        // root reads everything, so that nothing is denied where tests run as root
        assertTrue(FileFailure.words(new AccessDeniedException("x")).startsWith("access is denied; let the user"));
    }

    @Test
    void aConfigurationInAnotherEncodingIsNamedAsSuch() throws Exception {
        var file = Files.write(folder.resolve("test.conf"), new byte[] {'#', ' ', (byte) 0xe4});
        var refused = assertThrows(ConfigException.class, () -> ConfigFile.parse(file, false));

        assertEquals(file + ": cannot be read: it is no text in utf-8", refused.getMessage());
    }
}
