// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.declared;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.launch.config.ConfigException;
import io.countersign.server.TestServer;
import io.countersign.serverapi.types.Entry;
import io.countersign.serverapi.types.Entry.AdditionalAttributes;
import io.countersign.spiffe.SpiffeId;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EntriesFileTest {
    private static final Entry EVERYTHING = TestServer.entry(
                    SpiffeId.parse("spiffe://example.org/node"),
                    SpiffeId.parse("spiffe://example.org/web"),
                    "unix:gid:2",
                    "unix:uid:1")
            .setId("e1")
            .setX509SvidTtl(60)
            .setJwtSvidTtl(30)
            .addFederatesWith("other.test")
            .setAdmin(true)
            .setDownstream(true)
            .setExpiresAt(4_000_000_000L)
            .addDnsNames("b.test")
            .addDnsNames("a.test")
            .setStoreSvid(true)
            .setHint("5")
            .setAdditionalAttributes(AdditionalAttributes.newBuilder().setJwtSvidIncludeJti(true))
            .build();

    private static String problems(String text) {
        var failure = assertThrows(ConfigException.class, () -> EntriesFile.parse(text, "f.yaml"));
        return String.valueOf(failure.getMessage());
    }

    private static Entry only(String text) {
        return EntriesFile.parse(text, "f.yaml").entries().getFirst().entry();
    }

    @Test
    void whatIsExportedReadsAsWhatItWas() {
        assertEquals(EVERYTHING, only(EntriesDocument.yaml(List.of(EVERYTHING))));
        assertEquals(EVERYTHING, only(EntriesDocument.json(List.of(EVERYTHING))));
        assertEquals("""
                entries:
                  - entry_id: e1
                    spiffe_id: spiffe://example.org/web
                    parent_id: spiffe://example.org/node
                    selectors:
                      - unix:gid:2
                      - unix:uid:1
                    x509_svid_ttl: 60
                    jwt_svid_ttl: 30
                    federates_with:
                      - other.test
                    admin: true
                    downstream: true
                    expires_at: 2096-10-02T07:06:40Z
                    dns_names:
                      - b.test
                      - a.test
                    store_svid: true
                    hint: '5'
                    additional_attributes:
                        jwt_svid_include_jti: true
                """, EntriesDocument.yaml(List.of(EVERYTHING)));
        assertEquals("entries: []\n", EntriesDocument.yaml(List.of()));
    }

    @Test
    void aTimeBeyondFourDigitsOfYearsIsKept() {
        var late = EVERYTHING.toBuilder().setExpiresAt(300_000_000_000L).build();

        assertEquals(late, only(EntriesDocument.yaml(List.of(late))));
        assertEquals(late, only(EntriesDocument.json(List.of(late))));
    }

    @Test
    void theJsonOfEntryCreateIsAFileToo() {
        var entry = only("""
                {"entries": [
                  {"entry_id": "f1", "spiffe_id": "spiffe://example.org/f", "parent_id": "spiffe://example.org/node",
                   "selectors": [{"type": "unix", "value": "uid:9"}], "federates_with": ["spiffe://other.test"],
                   "entryExpiry": 4000000000}
                ]}""");

        assertEquals(TestServer.selector("unix:uid:9"), entry.getSelectors(0));
        assertEquals("other.test", entry.getFederatesWith(0));
        assertEquals(4_000_000_000L, entry.getExpiresAt());
    }

    @Test
    void everythingThatIsWrongIsSaidAtOnce() {
        assertEquals("""
                f.yaml:2: scope.parent_ids[0]: spiffe id "node" is not valid: expected it to begin with "spiffe://"
                f.yaml:4: entries[0].parent_id: is missing, expected a SPIFFE ID
                f.yaml:4: entries[0].spife_id: unknown key, did you mean spiffe_id?
                f.yaml:4: entries[0].spiffe_id: is missing, expected a SPIFFE ID
                f.yaml:5: entries[0].selectors[0]: selector "unix" must be formatted as type:value
                f.yaml:5: entries[0].selectors[2]: "unix:uid:1" is there twice
                f.yaml:6: entries[0].x509_svid_ttl: is -1, expected a number from 0 to 2147483647
                f.yaml:7: entries[0].admin: is "yes", expected true or false, without quotes
                f.yaml:8: entries[0].hint: is 5, expected a text; put it in quotes if it looks like something else
                f.yaml:9: entries[0].admin: is there twice, the first one stands in line 7
                f.yaml:10: entries[0].expires_at: is "tomorrow", expected a time like 2030-01-31T12:00:00Z or seconds since 1970
                f.yaml:11: entries[0].dns_names: is "a.test", expected a list
                f.yaml:12: entries[0].jwt_svid_ttl: is empty, expected a whole number
                f.yaml:13: entries[1]: is "text", expected keys with values
                f.yaml:14: entrys: unknown key, did you mean entries?""", sorted(problems("""
                scope:
                  parent_ids: [node]
                entries:
                  - spife_id: spiffe://example.org/web
                    selectors: [unix, "unix:uid:1", "unix:uid:1"]
                    x509_svid_ttl: -1
                    admin: yes
                    hint: 5
                    admin: true
                    expires_at: tomorrow
                    dns_names: a.test
                    jwt_svid_ttl:
                  - text
                entrys: []
                """)));
    }

    /** Within a line by the key. */
    private static String sorted(String problems) {
        return problems.lines()
                .sorted(Comparator.comparingInt((String line) -> Integer.parseInt(line.split(":", -1)[1]))
                        .thenComparing(line -> line))
                .collect(Collectors.joining("\n"));
    }

    private static final String ONE = """
              - spiffe_id: spiffe://example.org/a/web
                parent_id: spiffe://example.org/node
                selectors: [unix:uid:1, unix:gid:1]
            """;

    @Test
    void theSameEntryTwiceIsAProblem() {
        assertEquals(
                "f.yaml:5: entries[1]: has the SPIFFE ID, parent ID and selectors of the entry in line 2",
                problems("entries:\n" + ONE + ONE.replace("unix:uid:1, unix:gid:1", "unix:gid:1, unix:uid:1")));
        assertEquals(
                "f.yaml:6: entries[1].entry_id: is that of the entry in line 2",
                problems("entries:\n" + ONE + "    entry_id: x\n" + ONE.replace("uid:1", "uid:2")
                        + "    entry_id: x\n"));
    }

    @Test
    void anEntryOutsideTheScopeIsAProblem() {
        assertEquals(
                "f.yaml:3: entries[0]: is outside the file's scope; take it out, or widen the scope",
                problems("scope: {parent_ids: [spiffe://example.org/other]}\nentries:\n" + ONE));
        assertTrue(problems("scope: {spiffe_ids_below: spiffe://example.org/a/w}\nentries:\n" + ONE)
                .contains("outside"));
        assertTrue(EntriesFile.parse("scope: {spiffe_ids_below: spiffe://example.org/a}\nentries:\n" + ONE, "f.yaml")
                .scope()
                .isPresent());
        assertEquals(
                "f.yaml:1: scope: names nothing, expected parent_ids, spiffe_ids_below or both",
                problems("scope: {parent_ids: []}\nentries:\n" + ONE));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "entries",
                "entries: {}",
                "entries:",
                "scope: {}",
                "entries: [",
                "entries: []\n---\nentries: []\n",
                "entries: [{spiffe_id: spiffe://a/b, parent_id: spiffe://a/c, selectors: []}]",
                "entries: [{spiffe_id: spiffe://a/b, parent_id: spiffe://a/c, selectors: [{type: a}]}]",
                "entries: [{expires_at: 1960-01-31T12:00:00Z, spiffe_id: spiffe://a/b, parent_id: spiffe://a/c, selectors: ['a:b']}]",
                "entries: [{dns_names: [a, a], spiffe_id: spiffe://a/b, parent_id: spiffe://a/c, selectors: ['a:b']}]",
                "entries: [{<<: {admin: true}, spiffe_id: spiffe://a/b, parent_id: spiffe://a/c, selectors: ['a:b']}]"
            })
    void whatIsNoFileOfEntriesIsRefused(String text) {
        assertTrue(problems(text).startsWith("f.yaml:"), text);
    }
}
