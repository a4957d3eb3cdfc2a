// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.countersign.server.TestServer;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What an operator sees while an authority is replaced. */
@Timeout(60)
class AuthorityCommandsTest {
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

    private JsonObject json(String words) {
        return JsonParser.parseString(run(words + " -output json").out()).getAsJsonObject();
    }

    private static String id(JsonObject answer, String state) {
        return answer.getAsJsonObject(state).get("authority_id").getAsString();
    }

    private String end() {
        return server.clock
                .instant()
                .plus(server.config.lives().authority())
                .toString()
                .replace('T', ' ')
                .replace("Z", " +0000 UTC");
    }

    private String x509(String title, String id) {
        return title + " X.509 authority:\n  Authority ID: " + id + "\n  Expires at: " + end()
                + "\n  Upstream authority ID: No upstream authority\n";
    }

    @Test
    void aCertificateAuthorityIsReplaced() {
        var first = id(json("localauthority x509 show"), "active");
        assertEquals(
                x509("Active", first)
                        + "\nPrepared X.509 authority:\n  No prepared X.509 authority found\n"
                        + "\nOld X.509 authority:\n  No old X.509 authority found\n",
                run("localauthority x509 show").out());

        var prepared = run("localauthority x509 prepare").out();
        var second = id(json("localauthority x509 show"), "prepared");
        assertEquals(x509("Prepared", second), prepared);
        assertEquals(
                x509("Activated", second),
                run("localauthority x509 activate -authorityID " + second).out());
        assertEquals(
                x509("Tainted", first),
                run("localauthority x509 taint -authorityID " + first).out());
        assertEquals(
                "{\"revoked_authority\":{\"authority_id\":\"" + first
                        + "\",\"expires_at\":\"0\",\"upstream_authority_subject_key_id\":\"\"}}\n",
                run("localauthority x509 revoke -output json -authorityID " + first)
                        .out());
        assertEquals(1, server.published().getX509AuthoritiesCount());
    }

    @Test
    void aKeyOfTokensIsReplaced() {
        var first = id(json("localauthority jwt show"), "active");
        var second = id(json("localauthority jwt prepare"), "prepared_authority");
        assertEquals(
                "Activated JWT authority:\n  Authority ID: " + second + "\n  Expires at: " + end() + "\n",
                run("localauthority jwt activate -authorityID " + second).out());
        assertTrue(
                run("localauthority jwt show")
                        .out()
                        .endsWith("Old JWT authority:\n  Authority ID: " + first + "\n  Expires at: " + end() + "\n"),
                "the old one is not shown");
        assertEquals(0, run("localauthority jwt taint -authorityID " + first).code());
        assertEquals(
                "Revoked JWT authority:\n  Authority ID: " + first + "\n  Expires at: 1970-01-01 00:00:00 +0000 UTC\n",
                run("localauthority jwt revoke -authorityID " + first).out());
    }

    @Test
    void whatIsRefusedIsSaidOnStandardError() {
        assertEquals(new Output(1, "", "Error: an authority ID is required\n"), run("localauthority x509 activate"));
        assertEquals(
                new Output(
                        1,
                        "",
                        "Error: could not taint JWT authority: rpc error: code = InvalidArgument"
                                + " desc = unexpected authority ID\n"),
                run("localauthority jwt taint -authorityID x"));
        assertEquals(
                new Output(1, "", "Error: the Subject Key ID of the X.509 upstream authority is required\n"),
                run("upstreamauthority revoke"));
        assertEquals(
                new Output(
                        1,
                        "",
                        "Error: could not taint X.509 upstream authority: rpc error: code = FailedPrecondition"
                                + " desc = upstream authority is not configured\n"),
                run("upstreamauthority taint -subjectKeyID aa"));
    }
}
