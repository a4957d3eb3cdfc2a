// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A cluster that numbers and logs call otherwise than routes do. */
@Timeout(60)
class ObservedNameTest {
    @TempDir
    Path folder;

    @Test
    void numbersAndLogsHaveTheOtherName() throws Exception {
        var log = folder.resolve("log");
        try (var hop = new Hop(folder, exchange -> Hop.reply(exchange, 200, new byte[0]))) {
            var field = AccessLines.field(log, "%UPSTREAM_CLUSTER%").replace("\\", "\\\\");
            var sidecar = hop.start(
                    PlainFile.of(
                            "timeout: 20s",
                            "alt_stat_name: \"to:app\"",
                            hop.app.getAddress().getPort()),
                    text -> text.replaceFirst("( *)stat_prefix: out", "$1stat_prefix: out\n$1" + field));

            assertEquals(200, hop.get(sidecar, "/").statusCode());

            hop.awaitStat(sidecar, "cluster.to_app.upstream_rq_200: 1");
            var stats = hop.admin(sidecar, "/stats");
            assertTrue(stats.contains("cluster.to_app.membership_total: 1\n"), stats);
            assertTrue(stats.contains("cluster.to_app.upstream_cx_total: 1\n"), stats);
            assertFalse(stats.contains("cluster.app."), stats);
            var clusters = hop.admin(sidecar, "/clusters");
            assertTrue(clusters.contains("app::observability_name::to:app\n"), clusters);
            Hop.await("the line is written", () -> AccessLines.in(log).equals("to:app\n"));
        }
    }
}
