// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.countersign.it.process.Await;
import io.countersign.it.process.Side;
import io.countersign.spiffe.SpiffeId;
import io.countersign.spiffe.jwt.JwtSvid;
import io.countersign.spiffe.x509.X509SvidValidator;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A server of one side below a server of the other: what it issues to a workload of its own agent is good by the bundle of
 * the root, and stays so while the root's authority is replaced, tainted and revoked.
 */
@Tag("foreign")
class NestedServersTest {
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final SpiffeId WORKLOAD = SpiffeId.of(Tier.TRUST_DOMAIN, "/workload");

    private Path folder;

    @BeforeEach
    void create() throws Exception {
        folder = RunningSystem.newFolder();
    }

    @AfterEach
    void delete() throws Exception {
        new ProcessBuilder("rm", "-rf", folder.toString()).start().waitFor();
    }

    @ParameterizedTest(name = "{1} below {0}")
    @CsvSource({"OURS,OURS", "OURS,ORIGINAL", "ORIGINAL,OURS"})
    void whatIsIssuedBelowIsGoodAbove(Side above, Side below) throws Exception {
        try (var root = Tier.root(above, folder.resolve("root"))) {
            root.register("/server-below", "-downstream");
            try (var nested = root.below(below, folder.resolve("nested"))) {
                nested.register(WORKLOAD.path());
                assertGood(root, nested, 1);
                assertTokenIsGood(root, nested);
                var before = nested.svid();

                var former = root.replaceAuthority();
                Await.until(
                        PATIENCE,
                        "the new root does not come",
                        () -> nested.workloadBundle().x509Authorities().size() == 2);
                var _ = root.command("localauthority", "x509", "taint", "-authorityID", former);
                Await.until(
                        PATIENCE,
                        "the chain stays below the tainted root",
                        () -> !nested.svid()
                                .chain()
                                .getLast()
                                .equals(before.chain().getLast()));
                var _ = root.command("localauthority", "x509", "revoke", "-authorityID", former);
                Await.until(
                        PATIENCE,
                        "the revoked root stays",
                        () -> nested.workloadBundle().x509Authorities().size() == 1);
                assertNotEquals(before.serialNumberHex(), nested.svid().serialNumberHex());
                assertGood(root, nested, 1);
            }
        }
    }

    @ParameterizedTest(name = "{0}, {1}, {0}")
    @CsvSource({"OURS,ORIGINAL", "ORIGINAL,OURS"})
    void keysAndRootsCrossAServerInTheMiddle(Side outer, Side middle) throws Exception {
        try (var root = Tier.root(outer, folder.resolve("root"))) {
            root.register("/server-below", "-downstream");
            try (var second = root.below(middle, folder.resolve("second"))) {
                second.register("/server-below", "-downstream");
                try (var third = second.below(outer, folder.resolve("third"))) {
                    third.register(WORKLOAD.path());
                    assertGood(root, third, 2);
                    assertTokenIsGood(root, third);
                }
            }
        }
    }

    /** @param depth how many servers are between the workload and the root */
    private static void assertGood(Tier root, Tier nested, int depth) throws Exception {
        var svid = nested.svid();
        assertEquals(1 + depth, svid.chain().size(), svid::toString);
        assertEquals(WORKLOAD, X509SvidValidator.verify(svid.chain(), root.bundle(), Instant.now()));
        assertEquals(root.bundle().x509Authorities(), nested.bundle().x509Authorities());
        assertEquals(root.bundle().x509Authorities(), nested.workloadBundle().x509Authorities());
    }

    private static void assertTokenIsGood(Tier root, Tier nested) throws Exception {
        var token = nested.token("here");
        assertEquals(
                WORKLOAD,
                JwtSvid.parseAndValidate(token, root.bundle(), Set.of("here"), Instant.now())
                        .id());
    }
}
