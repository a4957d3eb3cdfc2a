// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.server.TestServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Entries that stand in a file. */
@Timeout(60)
class EntryApplyTest {
    private static final String TWO = """
            scope:
              parent_ids: [spiffe://example.org/node]
            entries:
              - spiffe_id: spiffe://example.org/web
                parent_id: spiffe://example.org/node
                selectors: [unix:uid:1]
              - entry_id: db
                spiffe_id: spiffe://example.org/db
                parent_id: spiffe://example.org/node
                selectors:
                  - unix:uid:2
                  - type: unix
                    value: gid:2
                x509_svid_ttl: 3600
                dns_names: [db.example.org]
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

    private Output apply(String text, String flags) throws IOException {
        var file = Files.writeString(folder.resolve("entries.yaml"), text);
        return run("entry apply -f " + file + " " + flags);
    }

    @Test
    void whatTheFileHasIsCreatedAndThenThereIsNothingToDo() throws Exception {
        var first = apply(TWO, "");
        var second = apply(TWO, "");

        assertEquals(0, first.code(), first.err());
        assertTrue(first.out().endsWith("2 created, 0 updated, 0 deleted, 0 unchanged\n"), first.out());
        assertTrue(first.out().contains("""
                create db: spiffe://example.org/db below spiffe://example.org/node
                  + spiffe_id: spiffe://example.org/db
                  + parent_id: spiffe://example.org/node
                  + selectors: unix:gid:2
                  + selectors: unix:uid:2
                  + x509_svid_ttl: 3600
                  + dns_names: db.example.org
                """), first.out());
        assertEquals(new Output(0, "0 created, 0 updated, 0 deleted, 2 unchanged\n", ""), second);
        assertEquals("2 registration entries\n", run("entry count").out());
    }

    @Test
    void whatDiffersIsUpdatedAndWhatIsNotSaidBecomesTheDefault() throws Exception {
        var _ = apply(TWO, "");

        var output = apply(TWO.replace("x509_svid_ttl: 3600", "hint: internal"), "");

        assertEquals(new Output(0, """
                update db: spiffe://example.org/db below spiffe://example.org/node
                  - x509_svid_ttl: 3600
                  + hint: internal
                0 created, 1 updated, 0 deleted, 1 unchanged
                """, ""), output);
        assertEquals(
                new Output(0, "0 created, 0 updated, 0 deleted, 2 unchanged\n", ""),
                apply(TWO.replace("x509_svid_ttl: 3600", "hint: internal"), ""));
    }

    @Test
    void aDryRunSaysTheSameAndChangesNothing() throws Exception {
        var dry = apply(TWO, "-dry-run");

        assertEquals(2, dry.code());
        assertTrue(dry.out().startsWith("create (new): spiffe://example.org/web below spiffe://example.org/node\n"));
        assertTrue(dry.out().endsWith("2 to create, 0 to update, 0 to delete, 0 unchanged\n"), dry.out());
        assertEquals("0 registration entries\n", run("entry count").out());
        var _ = apply(TWO, "");
        assertEquals(new Output(0, "0 to create, 0 to update, 0 to delete, 2 unchanged\n", ""), apply(TWO, "-dry-run"));
    }

    @Test
    void onlyWhatIsInTheScopeIsPrunedAndOnlyIfAsked() throws Exception {
        var outside = "entry create -entryID outside -parentID spiffe://example.org/other"
                + " -spiffeID spiffe://example.org/web -selector unix:uid:9";
        var inside = "entry create -entryID inside -parentID spiffe://example.org/node"
                + " -spiffeID spiffe://example.org/old -selector unix:uid:9";
        assertEquals(0, run(outside).code());
        assertEquals(0, run(inside).code());

        var kept = apply(TWO, "");
        var pruned = apply(TWO, "-prune");

        assertTrue(
                kept.out().endsWith("1 entry in the scope of the file, but not in the file; -prune deletes\n"),
                kept.out());
        assertEquals(new Output(0, """
                delete inside: spiffe://example.org/old below spiffe://example.org/node
                  - spiffe_id: spiffe://example.org/old
                  - parent_id: spiffe://example.org/node
                  - selectors: unix:uid:9
                0 created, 0 updated, 1 deleted, 2 unchanged
                """, ""), pruned);
        assertEquals(0, run("entry show -entryID outside").code());
        assertEquals(1, run("entry show -entryID inside").code());
    }

    @Test
    void withoutAScopeNothingIsPruned() throws Exception {
        var output = apply("entries: []", "-prune");

        assertEquals(1, output.code());
        assertTrue(
                output.err().startsWith("Error: -prune deletes only within the scope that a file names"), output.err());
    }

    @Test
    void whatCameWithAJoinTokenStays() throws Exception {
        var _ = run("token generate -spiffeID spiffe://example.org/team/node");

        var output = apply("scope: {spiffe_ids_below: spiffe://example.org/team}\nentries: []", "-prune");

        assertEquals(new Output(0, "0 created, 0 updated, 0 deleted, 0 unchanged\n", ""), output);
        assertEquals("1 registration entry\n", run("entry count").out());
    }

    @Test
    void theServerRefusesOneAndNothingIsDeleted() throws Exception {
        var _ = apply(TWO, "");

        var output = apply(
                TWO.replace("unix:uid:1]", "unix:uid:3]")
                        + "  - {spiffe_id: spiffe://other.org/x, parent_id: spiffe://example.org/node, selectors: ['a:b']}\n",
                "-prune");

        assertEquals(1, output.code());
        assertTrue(
                output.err()
                        .startsWith("Failed to create the following entry (code: InvalidArgument, msg: \"failed to"
                                + " convert entry: "),
                output.err());
        assertTrue(
                output.err()
                        .endsWith(
                                "Error: failed to apply one or more entries; nothing is deleted until all others are as"
                                        + " the file says\n"),
                output.err());
        assertTrue(output.out().endsWith("1 created, 0 updated, 0 deleted, 1 unchanged, 1 failed\n"), output.out());
        assertEquals("3 registration entries\n", run("entry count").out());
    }

    @Test
    void anEntryThatTheServerHasUnderAnotherIdIsRefusedBeforeAnythingChanges() throws Exception {
        assertEquals(
                0,
                run("entry create -entryID mine -parentID spiffe://example.org/node -spiffeID spiffe://example.org/db"
                                + " -selector unix:uid:2 -selector unix:gid:2")
                        .code());

        var output = apply(TWO, "");

        assertEquals(1, output.code());
        assertTrue(
                output.err()
                        .endsWith(
                                ":7: entries[1].entry_id: is \"db\", but the server has the same SPIFFE ID, parent ID and"
                                        + " selectors as entry \"mine\"; write that ID, or leave entry_id out\n"),
                output.err());
        assertEquals("1 registration entry\n", run("entry count").out());
    }

    /** The server refuses two entries alike, so that the first one has to make room. */
    @Test
    void anEntryMovesAwayBeforeAnotherTakesItsPlace() throws Exception {
        var _ = apply(TWO, "");

        var output = apply(
                TWO.replace("unix:uid:2", "unix:uid:4")
                        + "  - {spiffe_id: spiffe://example.org/db, parent_id: spiffe://example.org/node,"
                        + " selectors: ['unix:uid:2', 'unix:gid:2']}\n",
                "");

        assertEquals(0, output.code(), output.err());
        assertTrue(output.out().endsWith("1 created, 1 updated, 0 deleted, 1 unchanged\n"), output.out());
    }

    @Test
    void whatIsExportedChangesNothing() throws Exception {
        var _ = apply(TWO, "");
        var _ = run("entry create -parentID spiffe://example.org/other -spiffeID spiffe://example.org/all -selector"
                + " unix:uid:1 -x509SVIDTTL 60 -jwtSVIDTTL 30 -admin -downstream -entryExpiry 4000000000 -dns b.test"
                + " -dns a.test -hint 'a: b' -disableX509SVIDPrefetch -jwtSVIDIncludeJTI");

        var all = run("entry export");
        var some = run("entry export -parentID spiffe://example.org/other");
        var json = run("entry export -output json");

        assertEquals(
                new Output(0, "0 to create, 0 to update, 0 to delete, 3 unchanged\n", ""),
                apply(all.out(), "-dry-run"));
        assertEquals(
                new Output(0, "0 to create, 0 to update, 0 to delete, 1 unchanged\n", ""),
                apply(some.out(), "-dry-run"));
        assertEquals(
                new Output(0, "0 to create, 0 to update, 0 to delete, 3 unchanged\n", ""),
                apply(json.out(), "-dry-run"));
    }

    @Test
    void jsonHasEachChangeWithItsStatus() throws Exception {
        var _ = apply(TWO, "");

        var output = apply(TWO.replace("3600", "60"), "-output json");

        assertEquals(
                new Output(
                        0,
                        "{\"changes\":[{\"action\":\"update\",\"entry_id\":\"db\",\"lines\":[\"- x509_svid_ttl: 3600\","
                                + "\"+ x509_svid_ttl: 60\"],\"parent_id\":\"spiffe://example.org/node\","
                                + "\"spiffe_id\":\"spiffe://example.org/db\","
                                + "\"status\":{\"code\":0,\"message\":\"OK\"}}],"
                                + "\"dry_run\":false,\"not_pruned\":0,\"unchanged\":1}\n",
                        ""),
                output);
    }

    @Test
    void moreEntriesThanGoIntoOneMessage() throws Exception {
        var text = new StringBuilder("entries:\n");
        for (int i = 0; i < 120; i++) {
            text.append("  - {spiffe_id: spiffe://example.org/w" + i
                    + ", parent_id: spiffe://example.org/node, selectors: ['unix:uid:" + i + "']}\n");
        }

        var output = apply(text.toString(), "");

        assertTrue(output.out().endsWith("120 created, 0 updated, 0 deleted, 0 unchanged\n"), output.out());
        assertEquals("120 registration entries\n", run("entry count").out());
    }

    @Test
    void aFileIsRequired() {
        assertEquals(
                "Error: a file is required, expected -f FILE\n",
                run("entry apply").err());
        assertEquals(
                "Error: open /does/not/exist: no such file or directory\n",
                run("entry apply -file /does/not/exist").err());
    }
}
