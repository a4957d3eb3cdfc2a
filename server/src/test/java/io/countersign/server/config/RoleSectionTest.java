// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.launch.audit.AuditSection;
import io.countersign.launch.audit.AuditSettings;
import io.countersign.launch.audit.AuditSettings.Sync;
import io.countersign.launch.config.ConfigException;
import io.countersign.launch.config.ConfigFile;
import io.countersign.launch.config.Problem;
import io.countersign.server.config.RoleSettings.Local;
import io.countersign.server.config.RoleSettings.Mode;
import io.countersign.server.config.RoleSettings.Role;
import io.countersign.spiffe.SpiffeId;
import io.countersign.spiffe.TrustDomain;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The blocks {@code roles} and {@code audit}. */
class RoleSectionTest {
    private static final TrustDomain DOMAIN = new TrustDomain("example.org");

    private static RoleSettings roles(String text) {
        var root = ConfigFile.parse("roles {\n" + text + "\n}", "server.conf");
        var read = RoleSection.read(root, DOMAIN).orElseThrow();
        root.check();
        return read;
    }

    private static String problem(String text) {
        return only(assertThrows(ConfigException.class, () -> roles(text)));
    }

    private static String only(ConfigException wrong) {
        assertEquals(1, wrong.problems().size(), wrong::getMessage);
        return wrong.problems().stream().map(Problem::message).findFirst().orElseThrow();
    }

    @Test
    void everythingIsRead() {
        var read = roles("""
                mode = "dry_run"
                local = "read_only"
                role "web" {
                  spiffe_ids = ["spiffe://example.org/ops/web", "spiffe://other.org/ops"]
                  uids = [1001]
                  gids = ["2000"]
                  verbs = ["entry.*", "token.create"]
                  id_prefixes = ["spiffe://example.org/web"]
                  parent_prefixes = ["spiffe://example.org/nodes"]
                }
                """);

        var verbs = Set.of(
                Verb.ENTRY_READ,
                Verb.ENTRY_CREATE,
                Verb.ENTRY_UPDATE,
                Verb.ENTRY_DELETE,
                Verb.ENTRY_PRIVILEGE,
                Verb.TOKEN_CREATE);
        assertEquals(
                new RoleSettings(
                        Mode.DRY_RUN,
                        Local.READ_ONLY,
                        List.of(new Role(
                                "web",
                                Set.of(
                                        SpiffeId.parse("spiffe://example.org/ops/web"),
                                        SpiffeId.parse("spiffe://other.org/ops")),
                                Set.of(1001),
                                Set.of(2000),
                                verbs,
                                List.of(IdPrefix.parse("spiffe://example.org/web")),
                                List.of(IdPrefix.parse("spiffe://example.org/nodes"))))),
                read);
    }

    @Test
    void whatIsNotSaidIsEnforcedAndLeavesTheSocketOpen() {
        assertEquals(new RoleSettings(Mode.ENFORCE, Local.ALL, List.of()), roles(""));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "mode = \"dryrun\"|\"dryrun\" was found, did you mean dry_run?",
                "local = \"\"|\"\" was found, expected one of all, read_only, roles",
                "local = \"off\"|\"off\" was found, expected one of all, read_only, roles",
                "role \"a\" { uids = [1] verbs = [\"entry.creat\"] }|\"entry.creat\" was found, did you mean entry.create?",
                "role \"a\" { uids = [1] }|is missing, expected a list such as [\"entry.*\", \"agent.read\"]",
                "role \"a\" { verbs = [\"*\"] }|is for nobody, expected spiffe_ids, uids or gids",
                "role \"a\" { uids = [\"x\"] gids = [1] verbs = [\"*\"] }|\"x\" was found, expected a whole number",
                "role \"a\" { uids = [1] verbs = [\"*\"] id_prefix = [] }|unknown key, did you mean id_prefixes?",
                "role \"a\" { uids = [1] verbs = [\"*\"] id_prefixes = [] }|is empty and allows nothing; leave it out for any",
                "role \"a\" { uids = [1] verbs = [\"*\"] id_prefixes = [\"spiffe://other.org/a\"] }"
                        + "|\"spiffe://other.org/a\" covers nothing here, expected an ID in example.org",
            })
    void whatIsWrongIsSaid(String text, String message) {
        assertEquals(message, problem(text));
    }

    @Test
    void aPrefixEndsBetweenSegments() {
        var prefix = IdPrefix.parse("spiffe://example.org/web");
        assertTrue(prefix.covers(SpiffeId.parse("spiffe://example.org/web")));
        assertTrue(prefix.covers(SpiffeId.parse("spiffe://example.org/web/eu")));
        assertFalse(prefix.covers(SpiffeId.parse("spiffe://example.org/website")));
        assertFalse(prefix.covers(SpiffeId.parse("spiffe://example.org/we")));
        assertFalse(prefix.covers(SpiffeId.parse("spiffe://other.org/web")));
        assertTrue(IdPrefix.parse("spiffe://example.org").covers(SpiffeId.parse("spiffe://example.org/x")));
    }

    private static Optional<AuditSettings> audit(String text) {
        var root = ConfigFile.parse("audit {\n" + text + "\n}", "server.conf");
        var read = AuditSection.read(root);
        root.check();
        return read;
    }

    @Test
    void theAuditFileIsRead() {
        assertEquals(
                Optional.of(new AuditSettings(Path.of("/var/log/audit.jsonl"), 64 << 20, 0, Sync.DISK)),
                audit("file = \"/var/log/audit.jsonl\""));
        assertEquals(
                Optional.of(new AuditSettings(Path.of("a"), 10 << 10, 3, Sync.KERNEL)),
                audit("file = \"a\"\nmax_size = \"10KiB\"\nkeep = 3\nsync = \"kernel\""));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "keep = 1|is missing, expected the file to write to",
                "file = \"a\" keep = -1|\"-1\" was found, expected how many older files to keep, 0 for all",
                "file = \"a\" max_size = \"1KiB\"|\"1KiB\" was found, expected 4KiB or more, such as 64MiB",
                "file = \"a\" max_size = \"many\"|\"many\" was found, expected 4KiB or more, such as 64MiB",
                "file = \"a\" sync = \"no\"|\"no\" was found, expected disk or kernel",
                "file = \"a\" keeep = 2|unknown key, did you mean keep?",
            })
    void whatIsWrongWithTheAuditFileIsSaid(String text, String message) {
        assertEquals(message, only(assertThrows(ConfigException.class, () -> audit(text))));
    }
}
