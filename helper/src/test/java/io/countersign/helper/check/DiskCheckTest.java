// SPDX-License-Identifier: Apache-2.0
package io.countersign.helper.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.helper.HelperMain;
import io.countersign.helper.TestAgent;
import io.countersign.helper.config.HelperConfigFile;
import io.countersign.launch.config.ConfigFile;
import io.countersign.spiffe.json.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the command says about files that a helper has written and somebody has touched since. */
final class DiskCheckTest {
    @TempDir
    private Path folder;

    private Path file = Path.of("");

    @BeforeEach
    void write() throws Exception {
        file = folder.resolve("helper.conf");
        Files.writeString(folder.resolve("password"), "secret");
        Files.writeString(file, """
                agent_address = "%1$s/agent.sock"
                cert_dir = "%1$s"
                svid_file_name = "svid.pem"
                svid_key_file_name = "key.pem"
                svid_bundle_file_name = "bundle.pem"
                jwt_bundle_file_name = "keys.json"
                jwt_svids = [{ jwt_audience = "a", jwt_svid_file_name = "token" }]
                daemon_mode = false
                countersign {
                  min_validity = "10m"
                  combined_file_name = "all.pem"
                  pkcs12_file_name = "store.p12"
                  pkcs12_password_file = "%1$s/password"
                }
                """.formatted(folder));
        writeOnce();
    }

    private void writeOnce() throws Exception {
        try (var agent = new TestAgent(folder.resolve("agent.sock"))) {
            agent.issue();
            assertEquals(0, HelperMain.run("-config", file.toString()));
        }
    }

    private Report check(Duration later) throws IOException {
        var config = HelperConfigFile.read(ConfigFile.parse(file, false), Optional.empty(), Map.of());
        return new DiskCheck(config, Instant.now().plus(later)).run();
    }

    private String problems() throws IOException {
        var report = check(Duration.ZERO);
        assertFalse(report.isGood(), report::text);
        return String.join(
                "\n",
                report.text().lines().filter(line -> line.startsWith("  BAD")).toList());
    }

    @Test
    void goodFilesAreGood() throws Exception {
        var report = check(Duration.ZERO);

        assertTrue(report.isGood(), report::text);
        assertTrue(report.text().contains("SPIFFE ID      spiffe://example.org/sa/backend"), report::text);
        assertTrue(report.text().endsWith("all files are good\n"), report::text);
        assertEquals(0, HelperMain.run("check", "-config", file.toString()));
        assertEquals(0, HelperMain.run("check", "-config=" + file, "-output=json"));
        assertEquals(2, HelperMain.run("check", "-output", "xml"));
        assertEquals(2, HelperMain.run("check", "now"));
        assertEquals(
                1, HelperMain.run("check", "-config", folder.resolve("none").toString()));
    }

    @Test
    void programsReadJson() throws Exception {
        var json = (Json.Members) Json.parse(check(Duration.ZERO).json().getBytes(StandardCharsets.UTF_8));

        var identity = (Json.Members) elements(json, "checked").getFirst();
        assertEquals(Optional.of("spiffe://example.org/sa/backend"), identity.text("spiffe_id"));
        assertTrue(Instant.parse(identity.text("expires_at").orElseThrow()).isAfter(Instant.now()));
        var files = elements(identity, "files");
        assertEquals(
                List.of("bundle", "private key", "key and chain", "key store", "certificate"),
                files.stream()
                        .map(each -> ((Json.Members) each).text("what").orElseThrow())
                        .toList());
    }

    private static List<Json> elements(Json.Members json, String name) {
        return ((Json.Elements) json.get(name).orElseThrow()).elements();
    }

    @Test
    void missingFileIsNamed() throws Exception {
        Files.delete(folder.resolve("key.pem"));

        assertTrue(problems().contains("key.pem: is not there"), problems());
        assertEquals(1, HelperMain.run("check", "-config", file.toString()));
    }

    @Test
    void modeThatIsTooWideIsNamed() throws Exception {
        Files.setPosixFilePermissions(folder.resolve("key.pem"), PosixFilePermissions.fromString("rw-r--r--"));

        assertTrue(problems().contains("has mode 0644, expected 0600"), problems());
    }

    @Test
    void keyOfAnotherCertificateIsNamed() throws Exception {
        var old = Files.readAllBytes(folder.resolve("key.pem"));
        writeOnce();
        Files.write(folder.resolve("key.pem"), old);

        assertTrue(problems().contains("private key does not belong to the leaf certificate"), problems());
    }

    @Test
    void filesOfTwoStatesAreNamed() throws Exception {
        var old = Files.readAllBytes(folder.resolve("all.pem"));
        writeOnce();
        Files.write(folder.resolve("all.pem"), old);

        assertTrue(problems().contains("all.pem holds another certificate than"), problems());
    }

    @Test
    void authorityThatIsNotInTheBundleIsNamed() throws Exception {
        var svid = Files.readAllBytes(folder.resolve("svid.pem"));
        var key = Files.readAllBytes(folder.resolve("key.pem"));
        writeOnce();
        Files.write(folder.resolve("svid.pem"), svid);
        Files.write(folder.resolve("key.pem"), key);

        assertTrue(problems().contains("cannot be verified"), problems());
    }

    @Test
    void passwordThatDoesNotOpenTheStoreIsNamedAndNotShown() throws Exception {
        Files.writeString(folder.resolve("password"), "other-words");

        assertTrue(problems().contains("store.p12 cannot be opened"), problems());
        assertFalse(problems().contains("other-words"), problems());
    }

    @Test
    void whatEndsSoonOrHasEndedIsNamed() throws Exception {
        var soon = check(Duration.ofMinutes(51));
        assertTrue(soon.text().contains("expected it to be valid for PT10M more"), soon::text);

        var late = check(Duration.ofHours(2));
        assertFalse(late.isGood());
        assertTrue(late.text().contains("has ended at"), late::text);
    }

    @Test
    void filesOfAnotherIdentityThanTheOneThatIsNamedAreNamed() throws Exception {
        var conf = Files.readString(file);
        Files.writeString(
                file, conf.replace("countersign {", "countersign {\n  spiffe_id = \"spiffe://elsewhere.org/db\""));

        var words = problems();
        assertTrue(words.contains("the SPIFFE ID is spiffe://example.org/sa/backend, expected"), words);
        assertTrue(words.contains("is of spiffe://example.org/sa/backend, expected spiffe://elsewhere.org/db"), words);
        assertTrue(words.contains("has no keys of trust domain elsewhere.org"), words);
    }

    @Test
    void garbageIsNamed() throws Exception {
        Files.writeString(folder.resolve("bundle.pem"), "not a certificate");
        Files.writeString(folder.resolve("keys.json"), "[]");
        Files.writeString(folder.resolve("token"), "a.b");

        var words = problems();
        assertEquals(3, words.lines().count(), words);
    }
}
