// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.caller;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.countersign.datastore.Store;
import io.countersign.datastore.change.ChangeFeed;
import io.countersign.datastore.node.AttestedNode;
import io.countersign.datastore.node.AttestedNode.Certified;
import io.countersign.datastore.node.AttestedNodes;
import io.countersign.server.TestConfig;
import io.countersign.server.TestServer;
import io.countersign.serverapi.types.PermissionDeniedDetails.Reason;
import io.countersign.spiffe.SpiffeId;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** An agent that another server knows better than this one, which has not heard the news. */
@Timeout(60)
class AgentCheckTest {
    private static final SpiffeId AGENT = TestConfig.id("/agent");

    @TempDir
    Path folder;

    private static Certified certified(X509Certificate certificate) {
        return new Certified(
                certificate.getSerialNumber().toString(),
                certificate.getNotAfter().toInstant());
    }

    @Test
    void databaseIsAskedBeforeAnAgentIsRefused() throws Exception {
        var database = Files.createDirectory(folder.resolve("database"));
        try (var issuer = TestServer.start(folder.resolve("issuer"));
                var opened = Store.standard().open(database);
                var another = opened.another()) {
            var first = issuer.mint(AGENT).leaf();
            var second = issuer.mint(AGENT).leaf();
            var nodes = new AttestedNodes(opened.database());
            // it is not started, and so tells nothing
            var known = new KnownNodes(nodes, new ChangeFeed(opened.database()));
            var check = new AgentCheck(nodes, known, InstantSource.system());
            var elsewhere = new AttestedNodes(another);

            assertEquals(Optional.of(Reason.AGENT_NOT_ATTESTED), check.refusal(AGENT, first));
            elsewhere.admit(AttestedNode.fresh(AGENT, "join_token", certified(first), false, Set.of()), false);
            assertEquals(Optional.empty(), known.find(AGENT));
            assertEquals(Optional.empty(), check.refusal(AGENT, first));

            assertEquals(Optional.of(Reason.AGENT_NOT_ACTIVE), check.refusal(AGENT, second));
            elsewhere.renew(AGENT, certified(second));
            assertEquals(Optional.empty(), check.refusal(AGENT, second));

            elsewhere.ban(AGENT);
            assertEquals(Optional.of(Reason.AGENT_BANNED), check.refusal(AGENT, second));
        }
    }
}
