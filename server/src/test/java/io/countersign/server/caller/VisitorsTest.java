// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.caller;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.countersign.launch.Closing;
import io.countersign.rpc.RpcChannels;
import io.countersign.rpc.RpcServer;
import io.countersign.server.TestConfig;
import io.countersign.server.TestServer;
import io.countersign.serverapi.bundle.BundleGrpc;
import io.countersign.serverapi.bundle.GetBundleRequest;
import io.countersign.serverapi.types.Bundle;
import io.countersign.spiffe.SpiffeId;
import io.countersign.spiffe.TrustDomain;
import io.countersign.spiffe.bundle.BundleSource;
import io.countersign.spiffe.x509.X509Svid;
import io.countersign.workloadapi.tls.SpiffeTls;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Handshakes of members of this trust domain and of another one, and whose bundles they make the server look up. */
@Timeout(60)
class VisitorsTest {
    private static final TrustDomain ELSEWHERE = new TrustDomain("other.org");
    private static final SpiffeId ADMIN = SpiffeId.of(ELSEWHERE, "/admin");

    @TempDir
    Path folder;

    private final Closing closing = new Closing();
    private final Queue<TrustDomain> lookedUp = new ConcurrentLinkedQueue<>();
    private TestServer here;
    private TestServer elsewhere;

    @BeforeEach
    void start() throws Exception {
        here = closing.add(TestServer.start(Files.createDirectory(folder.resolve("here"))));
        elsewhere = closing.add(TestServer.start(
                Files.createDirectory(folder.resolve("elsewhere")), config -> TestConfig.named(config, ELSEWHERE)));
    }

    @AfterEach
    void close() {
        closing.close();
    }

    private int listen(Set<SpiffeId> admins) throws Exception {
        var own = here.mint(TestConfig.id("/listener"));
        var ours = here.bundle();
        var theirs = elsewhere.bundle();
        BundleSource trusted = domain -> {
            lookedUp.add(domain);
            return ours.bundle(domain).or(() -> theirs.bundle(domain));
        };
        var visitors = new Visitors(TestConfig.DOMAIN, admins, trusted);
        var service = new BundleGrpc.BundleImplBase() {
            @Override
            public void getBundle(GetBundleRequest request, StreamObserver<Bundle> response) {
                response.onNext(Bundle.getDefaultInstance());
                response.onCompleted();
            }
        };
        return closing.add(RpcServer.onTcp(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                        new SpiffeTls(() -> own, visitors, visitors::mayConnect),
                        List.of(service.bindService()),
                        List.of()))
                .port();
    }

    private Bundle call(int port, X509Svid as) {
        var channel = RpcChannels.tcp("127.0.0.1", port, new SpiffeTls(() -> as, here.bundle(), id -> true));
        closing.add(channel::shutdownNow);
        return TestServer.waiting(BundleGrpc.newBlockingStub(channel)).getBundle(GetBundleRequest.getDefaultInstance());
    }

    @Test
    void whoComesFromADomainWithoutAnAdministratorMakesNobodyLookUpABundle() throws Exception {
        int port = listen(Set.of(TestConfig.id("/admin")));

        var stranger = elsewhere.mint(ADMIN);
        assertThrows(StatusRuntimeException.class, () -> call(port, stranger));
        assertEquals(Set.of(), Set.copyOf(lookedUp));

        assertEquals(Bundle.getDefaultInstance(), call(port, here.mint(TestConfig.id("/web"))));
        assertEquals(Set.of(TestConfig.DOMAIN), Set.copyOf(lookedUp));
    }

    @Test
    void anAdministratorFromElsewhereComesInAndItsNeighbourDoesNot() throws Exception {
        int port = listen(Set.of(ADMIN));

        assertEquals(Bundle.getDefaultInstance(), call(port, elsewhere.mint(ADMIN)));
        assertEquals(Set.of(ELSEWHERE), Set.copyOf(lookedUp));
        var neighbour = elsewhere.mint(SpiffeId.of(ELSEWHERE, "/neighbour"));
        assertThrows(StatusRuntimeException.class, () -> call(port, neighbour));
    }
}
