// SPDX-License-Identifier: Apache-2.0
package io.countersign.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.ByteString;
import io.countersign.datastore.RealPostgres;
import io.countersign.serverapi.agent.AgentGrpc;
import io.countersign.serverapi.agent.AgentX509SVIDParams;
import io.countersign.serverapi.agent.RenewAgentRequest;
import io.countersign.serverapi.entry.BatchCreateEntryRequest;
import io.countersign.serverapi.entry.EntryGrpc;
import io.countersign.serverapi.entry.GetAuthorizedEntriesRequest;
import io.countersign.serverapi.entry.GetEntryRequest;
import io.countersign.serverapi.svid.BatchNewX509SVIDRequest;
import io.countersign.serverapi.svid.NewX509SVIDParams;
import io.countersign.serverapi.svid.SVIDGrpc;
import io.countersign.spiffe.x509.X509Svid;
import io.grpc.Status.Code;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** PostgreSQL dies under a running server, or may only be read, and comes back. */
@Timeout(180)
class DatabaseAwayTest {
    @TempDir
    Path folder;

    private static int entries(TestServer server, X509Svid of) {
        return TestServer.waiting(EntryGrpc.newBlockingStub(server.as(of)))
                .getAuthorizedEntries(GetAuthorizedEntriesRequest.getDefaultInstance())
                .getEntriesCount();
    }

    private static int signed(TestServer server, X509Svid by) {
        ByteString csr = Request.bare().der();
        return TestServer.waiting(SVIDGrpc.newBlockingStub(server.as(by)))
                .batchNewX509SVID(BatchNewX509SVIDRequest.newBuilder()
                        .addParams(
                                NewX509SVIDParams.newBuilder().setEntryId("e").setCsr(csr))
                        .build())
                .getResults(0)
                .getStatus()
                .getCode();
    }

    private static X509Svid renewed(TestServer server, X509Svid old) throws Exception {
        var request = Request.bare();
        var response = TestServer.waiting(AgentGrpc.newBlockingStub(server.as(old)))
                .renewAgent(RenewAgentRequest.newBuilder()
                        .setParams(AgentX509SVIDParams.newBuilder().setCsr(request.der()))
                        .build());
        return TestServer.svid(response.getSvid(), request.keys());
    }

    @Test
    void agentsGetWhatIsInMemoryAndTheServerGoesOnWhenItIsBack() throws Exception {
        try (var postgres = new RealPostgres()) {
            postgres.execute("postgres", "CREATE DATABASE spire");
            var database = postgres.settings("spire");
            try (var server = TestServer.start(folder.resolve("a"), config -> TestConfig.database(config, database));
                    var other =
                            TestServer.start(folder.resolve("b"), config -> TestConfig.database(config, database))) {
                var svid = server.join();
                var _ = server.create(TestServer.entry(svid.id(), TestConfig.id("/e"), "unix:uid:1")
                        .setId("e"));
                assertEquals(1, entries(server, svid));
                var renewed = renewed(server, svid);

                postgres.kill();

                assertEquals(1, entries(server, svid));
                assertEquals(0, signed(server, svid));
                assertEquals(1, entries(server, renewed));
                var words = Refused.with(
                        Code.UNAVAILABLE,
                        () -> server.entries()
                                .getEntry(
                                        GetEntryRequest.newBuilder().setId("e").build()));
                assertEquals("the datastore is not available; try again", words);
                var entry = TestServer.entry(svid.id(), TestConfig.id("/f"), "unix:uid:1");
                var request =
                        BatchCreateEntryRequest.newBuilder().addEntries(entry).build();
                Refused.with(Code.UNAVAILABLE, () -> server.entries().batchCreateEntry(request));

                postgres.start();

                Eventually.holds(
                        "an entry is made",
                        () -> server.entries()
                                        .batchCreateEntry(request)
                                        .getResults(0)
                                        .getStatus()
                                        .getCode()
                                == 0);
                assertEquals(2, entries(server, svid));
                Eventually.holds("the other server follows again", () -> entries(other, svid) == 2);
            }
        }
    }

    @Test
    void aDatabaseThatMayOnlyBeReadForAWhileIsWrittenAgainAtOnce() throws Exception {
        try (var postgres = new RealPostgres()) {
            postgres.execute("postgres", "CREATE DATABASE spire");
            var database = postgres.settings("spire");
            try (var server = TestServer.start(folder.resolve("a"), config -> TestConfig.database(config, database))) {
                var svid = server.join();
                var entry = TestServer.entry(svid.id(), TestConfig.id("/e"), "unix:uid:1");
                var request =
                        BatchCreateEntryRequest.newBuilder().addEntries(entry).build();

                postgres.execute("postgres", "ALTER DATABASE spire SET default_transaction_read_only = on");
                postgres.cut();
                // the first question may find what was cut, the second is asked in a session that may only read
                for (int i = 0; i < 2; i++) {
                    Refused.with(Code.UNAVAILABLE, () -> server.entries().batchCreateEntry(request));
                }
                assertEquals(0, entries(server, svid));

                // which holds for new sessions
                postgres.execute("postgres", "ALTER DATABASE spire RESET default_transaction_read_only");
                Eventually.holds(
                        "an entry is made",
                        () -> server.entries()
                                        .batchCreateEntry(request)
                                        .getResults(0)
                                        .getStatus()
                                        .getCode()
                                == 0);
                assertEquals(1, entries(server, svid));
            }
        }
    }
}
