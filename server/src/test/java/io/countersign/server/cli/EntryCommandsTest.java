// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.server.TestServer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What an operator sees of entries. */
@Timeout(60)
class EntryCommandsTest {
    private static final String BASE =
            "-entryID e1 -parentID spiffe://example.org/node -spiffeID spiffe://example.org/a -selector unix:uid:1";
    private static final String SHOWN = """
            Entry ID                : e1
            SPIFFE ID               : spiffe://example.org/a
            Parent ID               : spiffe://example.org/node
            Revision                : 0
            X509-SVID TTL           : default
            JWT-SVID TTL            : default
            Selector                : unix:uid:1

            """;

    @TempDir
    Path folder;

    private TestServer server;

    @BeforeEach
    void start() throws Exception {
        server = TestServer.start(folder);
    }

    @AfterEach
    void close() {
        server.close();
    }

    private Output run(String words) {
        return Output.of(server, words);
    }

    @Test
    void createPrintsTheEntry() {
        assertEquals(new Output(0, SHOWN, ""), run("entry create " + BASE));
    }

    @Test
    void everyFieldHasItsLine() {
        var output = run("entry create " + BASE
                + " -selector unix:gid:2 -x509SVIDTTL 60 -jwtSVIDTTL 30 -admin -downstream -entryExpiry 4000000000"
                + " -dns a.example.org -dns b.example.org -hint internal -disableX509SVIDPrefetch"
                + " -jwtSVIDIncludeJTI -storeSVID=false");

        assertEquals("""
                Entry ID                : e1
                SPIFFE ID               : spiffe://example.org/a
                Parent ID               : spiffe://example.org/node
                Revision                : 0
                Downstream              : true
                X509-SVID TTL           : 60
                JWT-SVID TTL            : 30
                Expiration time         : 2096-10-02 07:06:40 +0000 UTC
                Selector                : unix:gid:2
                Selector                : unix:uid:1
                DNS name                : a.example.org
                DNS name                : b.example.org
                Admin                   : true
                Hint                    : internal
                DisableX509SvidPrefetch : true
                JwtSvidIncludeJti       : true

                """, output.out());
    }

    @Test
    void createForNodesMakesTheServerTheParent() {
        var output = run("entry create -node -spiffeID spiffe://example.org/cluster -selector k8s:cluster:demo");

        assertTrue(
                output.out().contains("Parent ID               : spiffe://example.org/spire/server\n"), output.out());
    }

    @Test
    void jsonIsOneSortedLine() {
        var output = run("entry create " + BASE + " -output json");

        assertEquals(
                "{\"results\":[{\"entry\":{\"admin\":false,\"created_at\":\""
                        + server.clock.instant().getEpochSecond()
                        + "\",\"dns_names\":[],\"downstream\":false,\"expires_at\":\"0\",\"federates_with\":[],"
                        + "\"hint\":\"\",\"id\":\"e1\",\"jwt_svid_ttl\":0,"
                        + "\"parent_id\":{\"path\":\"/node\",\"trust_domain\":\"example.org\"},"
                        + "\"revision_number\":\"0\",\"selectors\":[{\"type\":\"unix\",\"value\":\"uid:1\"}],"
                        + "\"spiffe_id\":{\"path\":\"/a\",\"trust_domain\":\"example.org\"},\"store_svid\":false,"
                        + "\"x509_svid_ttl\":0},\"status\":{\"code\":0,\"message\":\"OK\"}}]}\n",
                output.out());
        assertEquals(0, output.code());
    }

    @Test
    void aSimilarEntryIsAFailureInWordsAndInJson() {
        var _ = run("entry create " + BASE);

        var pretty = run("entry create " + BASE.replace("e1", "e2"));
        var json = run("entry create -output json " + BASE.replace("e1", "e2"));

        assertEquals(1, pretty.code());
        assertEquals(
                "Failed to create the following entry (code: AlreadyExists, msg: \"similar entry already exists\"):\n"
                        + SHOWN.replace("e1", "e2")
                        + "Error: failed to create one or more entries\n",
                pretty.err());
        assertEquals(1, json.code());
        assertTrue(json.out().contains("\"status\":{\"code\":6,\"message\":\"similar entry already exists\"}"));
    }

    @Test
    void entriesComeFromAFileWithIdsWrittenOut() throws Exception {
        var file = folder.resolve("entries.json");
        Files.writeString(file, """
                {"entries": [
                  {"entry_id": "f1", "spiffe_id": "spiffe://example.org/f", "parent_id": "spiffe://example.org/node",
                   "selectors": [{"type": "unix", "value": "uid:9"}], "x509_svid_ttl": 60,
                   "additional_attributes": {"jwt_svid_include_jti": true}, "entryExpiry": 4000000000}
                ]}""");

        var output = run("entry create -data " + file);

        assertEquals(0, output.code(), output.err());
        assertTrue(output.out().startsWith("Entry ID                : f1\n"), output.out());
        assertTrue(output.out().contains("Expiration time         : 2096-10-02 07:06:40 +0000 UTC\n"), output.out());
        assertTrue(output.out().contains("JwtSvidIncludeJti       : true\n"), output.out());
    }

    @Test
    void showFindsByIdAndByFilter() {
        assertEquals(new Output(0, "Found 0 entries\n", ""), run("entry show"));
        var _ = run("entry create " + BASE);
        var _ = run(
                "entry create " + BASE.replace("e1", "e0").replace("/a", "/b").replace("uid:1", "uid:2"));

        assertEquals("Found 1 entry\n" + SHOWN, run("entry show -entryID e1").out());
        assertEquals(
                "Found 1 entry\n" + SHOWN,
                run("entry show -selector unix:uid:1").out());
        assertEquals("Found 0 entries\n", run("entry show -hint x").out());
        var all = run("entry show").out();
        assertTrue(all.startsWith("Found 2 entries\n" + SHOWN), all);
        assertEquals(
                "Found 2 entries\n",
                run("entry show -selector unix:uid:1 -selector unix:uid:2 -matchSelectorsOn any")
                                .out()
                                .lines()
                                .findFirst()
                                .orElseThrow()
                        + "\n");
        assertEquals(
                "Error: error fetching entry ID x: rpc error: code = NotFound desc = entry not found\n",
                run("entry show -entryID x").err());
        assertTrue(run("entry show -output json -entryID e1").out().startsWith("{\"entries\":[{\"admin\":false,"));
    }

    @Test
    void countFollowsTheNumber() {
        assertEquals("0 registration entries\n", run("entry count").out());
        var _ = run("entry create " + BASE);
        assertEquals("1 registration entry\n", run("entry count").out());
        assertEquals("{\"count\":1}\n", run("entry count -output json").out());
        assertEquals("0 registration entries\n", run("entry count -downstream").out());
    }

    @Test
    void updateOfOneAttributeKeepsTheOther() {
        var _ = run("entry create " + BASE + " -jwtSVIDIncludeJTI");

        var output = run("entry update " + BASE + " -disableX509SVIDPrefetch");

        assertTrue(
                output.out().contains("DisableX509SvidPrefetch : true\nJwtSvidIncludeJti       : true\n"),
                output.out());
    }

    @Test
    void whatIsRefusedIsThereInJsonAsItWasAskedFor() {
        var output = run("entry create " + BASE.replace("example.org/a", "other.org/a") + " -output json");

        assertTrue(
                output.out().contains("\"spiffe_id\":{\"path\":\"/a\",\"trust_domain\":\"other.org\"}"), output.out());
    }

    @Test
    void updateReplacesEveryField() {
        var _ = run("entry create " + BASE + " -hint h -admin");

        var output = run("entry update " + BASE.replace("/a", "/b"));

        assertEquals(
                SHOWN.replace("example.org/a", "example.org/b")
                        .replace("Revision                : 0", "Revision                : 1"),
                output.out());
        var missing = run("entry update " + BASE.replace("e1", "x"));
        assertEquals(1, missing.code());
        assertTrue(missing.err()
                .startsWith(
                        "Failed to update the following entry (code: NotFound, msg: \"failed to update entry\"):\n"));
        assertTrue(missing.err().endsWith("Error: failed to update one or more entries\n"), missing.err());
    }

    @Test
    void deleteSaysWhatIsGoneAndWhatIsNot() throws Exception {
        var _ = run("entry create " + BASE);
        var _ = run("entry create " + BASE.replace("e1", "e2").replace("uid:1", "uid:2"));
        var file = folder.resolve("ids.json");
        Files.writeString(file, "{\"ids\": [\"e2\", \"x\"]}");

        assertEquals(
                new Output(0, "Deleted entry with ID: e1\n\n\nDeleted 1 entries successfully", ""),
                run("entry delete -entryID e1"));
        var partly = run("entry delete -file " + file);
        assertEquals(1, partly.code());
        assertEquals(
                "Deleted entry with ID: e2\n\n\n\n\nDeleted 1 entries successfully, but failed to delete 1 entries",
                partly.out());
        assertTrue(
                partly.err()
                        .startsWith("Failed to delete entry with ID x (code: NotFound, msg: \"entry not found\")\n"),
                partly.err());
        assertEquals(
                "{\"results\":[{\"id\":\"x\",\"status\":{\"code\":5,\"message\":\"entry not found\"}}]}\n",
                run("entry delete -entryID x -output json").out());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            entry create -spifeID x                | flag provided but not defined: -spifeID
            entry create -spiffeID                 | flag needs an argument: -spiffeID
            entry create -x509SVIDTTL abc          | invalid value "abc" for flag -x509SVIDTTL: parse error
            entry create -admin=perhaps            | invalid boolean value "perhaps" for -admin: parse error
            entry show -output xml                 | invalid value "xml" for flag -output: bad formatter flag: unknown format option: "xml"; expected pretty or json
            x509 mint -ttl 5                       | invalid value "5" for flag -ttl: parse error
            agent list -banned                     | flag needs an argument: -banned
            """)
    void aWrongFlagIsNamedInGosWords(String words, String expected) {
        var output = run(words);

        assertEquals(1, output.code());
        assertEquals(expected, output.err().lines().findFirst().orElseThrow());
        assertTrue(output.err().contains("Usage: "), output.err());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            entry create -parentID spiffe://example.org/n -selector a:b      | a SPIFFE ID is required
            entry create -spiffeID spiffe://example.org/a -selector a:b      | a parent ID is required if the node flag is not set
            entry create -spiffeID spiffe://example.org/a -node              | at least one selector is required
            entry create -spiffeID spiffe://example.org/a -node -selector x  | must be formatted as type:value
            entry create -data /does/not/exist                               | /does/not/exist
            entry update -spiffeID spiffe://example.org/a                    | entry ID is required
            entry delete                                                     | an entry ID is required
            entry show -selector a:b -matchSelectorsOn all                   | match behavior "all" unknown
            entry show -entryID e -hint h                                    | can't be combined
            entry create -x509SVIDTTL -1 -spiffeID spiffe://example.org/a -node -selector a:b | a positive x509-SVID TTL is required
            entry create -federatesWith a.test -spiffeID spiffe://example.org/a -node -selector a:b | node entries can not federate
            entry show -parentID x                                           | error parsing parent ID "x": spiffe id
            """)
    void aMisusedCommandSaysWhatIsMissing(String words, String expected) {
        var output = run(words);

        assertEquals(1, output.code());
        assertEquals("", output.out());
        assertTrue(output.err().startsWith("Error: "), output.err());
        assertTrue(output.err().contains(expected), output.err());
    }
}
