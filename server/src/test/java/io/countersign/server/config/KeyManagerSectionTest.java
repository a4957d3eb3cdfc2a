// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.ca.key.Pkcs11Settings;
import io.countersign.ca.key.Pkcs11Settings.Pin;
import io.countersign.ca.key.Pkcs11Settings.Token;
import io.countersign.launch.config.ConfigException;
import io.countersign.server.config.ServerConfig.Keys;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KeyManagerSectionTest {
    private static final Path MODULE = Path.of("/lib/token.so");

    @TempDir
    Path folder;

    private Keys read(String manager) throws IOException {
        var file = folder.resolve("server.conf");
        Files.writeString(file, """
                server {
                  trust_domain = "example.org"
                  data_dir = "/data"
                }
                plugins {
                  DataStore "sql" { plugin_data { database_type = "sqlite3", connection_string = "/data/db" } }
                %s
                }
                """.formatted(manager));
        return ServerConfigFile.read(file, false, Map.of()).keys();
    }

    private Keys pkcs11(String data) throws IOException {
        return read("KeyManager \"pkcs11\" { plugin_data {\n%s\n} }".formatted(data));
    }

    @Test
    void aTokenIsFoundByItsLabelOrItsSlot() throws Exception {
        assertEquals(
                new Keys.Pkcs11(new Pkcs11Settings(
                        MODULE, new Token.Labelled("identity"), new Pin.InFile(Path.of("/run/pin")), "server-1")),
                pkcs11("""
                        module_path = "/lib/token.so"
                        token_label = "identity"
                        pin_file = "/run/pin"
                        key_identifier = "server-1"
                        """));
        assertEquals(
                new Keys.Pkcs11(
                        new Pkcs11Settings(MODULE, new Token.InSlot(0), new Pin.InEnvironment("TOKEN_PIN"), "a.b")),
                pkcs11("""
                        module_path = "/lib/token.so"
                        slot = 0
                        pin_env = "TOKEN_PIN"
                        key_identifier = "a.b"
                        """));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            KeyManager "pkcs11" {}                                                                       | plugin_data: is missing, expected module_path
            KeyManager "pkcs11" { plugin_data { slot = 1 } }                                             | module_path: is missing, expected the pkcs#11 library
            KeyManager "pkcs11" { plugin_data { pin_file = "x" } }                                       | token_label: is missing, expected it or slot
            KeyManager "pkcs11" { plugin_data { slot = 1, token_label = "x" } }                          | slot: is given beside token_label, expected only one of them
            KeyManager "pkcs11" { plugin_data { slot = -1 } }                                            | slot: -1 was found, expected 0 or more
            KeyManager "pkcs11" { plugin_data { slot = 1 } }                                             | pin_file: is missing, expected it or pin_env
            KeyManager "pkcs11" { plugin_data { pin_file = "x", pin_env = "y" } }                        | pin_env: is given beside pin_file, expected only one of them
            KeyManager "pkcs11" { plugin_data { key_identifier = "a/b" } }                               | key_identifier: "a/b" was found, expected a name for this server's keys
            KeyManager "pkcs11" { plugin_data { token = "a" } }                                          | token: unknown key
            KeyManager "aws_kms" { plugin_data { } }                                                     | "aws_kms" is no key manager of this program, expected disk, memory or pkcs11
            DataStore "x" {}                                                                             | KeyManager: is missing, expected disk, memory or pkcs11
            """)
    void whatIsWrongIsNamed(String manager, String words) {
        var refused = assertThrows(ConfigException.class, () -> read(manager));

        assertTrue(String.valueOf(refused.getMessage()).contains(words), refused::getMessage);
    }

    @Test
    void aPinInTheFileIsRefusedAndNotShown() {
        var refused = assertThrows(ConfigException.class, () -> pkcs11("pin = \"not-for-you\""));

        var words = String.valueOf(refused.getMessage());
        assertTrue(words.contains("pin: a secret does not belong in this file; write pin_file or pin_env"), words);
        assertFalse(words.contains("not-for-you"), words);
    }
}
