// SPDX-License-Identifier: Apache-2.0
package io.countersign.workloadapi.tls;

import static io.countersign.workloadapi.TestAuthority.ABROAD;
import static io.countersign.workloadapi.TestAuthority.HOME;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.ca.key.KeyType;
import io.countersign.spiffe.SpiffeId;
import io.countersign.spiffe.bundle.BundleSource;
import io.countersign.spiffe.bundle.TrustBundle;
import io.countersign.spiffe.x509.X509Svid;
import io.countersign.workloadapi.TestAuthority;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Handshakes between two identities over real sockets. */
final class SpiffeTlsTest {
    private final TestAuthority home = new TestAuthority(HOME);
    private final X509Svid web = home.issue("/web");
    private final X509Svid database = home.issue("/database");

    private static boolean anybody(SpiffeId id) {
        return id.path().startsWith("/");
    }

    private static SpiffeTls tls(X509Svid own, TrustBundle bundle) {
        return new SpiffeTls(() -> own, bundle, SpiffeTlsTest::anybody);
    }

    private static SpiffeTls only(X509Svid own, TrustBundle bundle, X509Svid peer) {
        return new SpiffeTls(() -> own, bundle, peer.id()::equals);
    }

    private static void assertRefused(String words, Meeting meeting) {
        var refused = assertThrows(Exception.class, meeting::meet);
        assertTrue(String.valueOf(refused.getMessage()).contains(words), () -> "not the expected words: " + refused);
    }

    @ParameterizedTest
    @EnumSource(names = {"EC_P256", "EC_P384", "RSA_2048"})
    void bothEndsSeeTheOther(KeyType type) throws Exception {
        var server = home.issue("/database", type);
        try (var meeting = new Meeting(only(server, home.bundle(), web), only(web, home.bundle(), server))) {
            var seen = meeting.meet();
            assertEquals(server.leaf(), seen.server());
            assertEquals(web.leaf(), seen.client());
        }
    }

    @Test
    void serverThatIsNotTheOneMeantIsRefused() throws Exception {
        try (var meeting = new Meeting(tls(home.issue("/other"), home.bundle()), only(web, home.bundle(), database))) {
            assertRefused("the peer is spiffe://example.org/other, which is not allowed here", meeting);
        }
    }

    @Test
    void clientThatIsNotAllowedIsRefused() throws Exception {
        try (var meeting = new Meeting(only(database, home.bundle(), web), tls(home.issue("/other"), home.bundle()))) {
            assertRefused("the peer is spiffe://example.org/other, which is not allowed here", meeting);
        }
    }

    @Test
    void rightNameOfAForeignAuthorityIsRefused() throws Exception {
        var impostor = new TestAuthority(HOME).issue("/web");
        try (var meeting = new Meeting(only(database, home.bundle(), web), tls(impostor, home.bundle()))) {
            assertThrows(Exception.class, meeting::meet);
        }
    }

    @Test
    void peerOfAnotherTrustDomainIsVerifiedWithThatDomainsBundleOnly() throws Exception {
        var abroad = new TestAuthority(ABROAD);
        BundleSource both = domain -> domain.equals(ABROAD)
                ? abroad.bundle().bundle(domain)
                : home.bundle().bundle(domain);
        var guest = abroad.issue("/web");
        var federated = new SpiffeTls(() -> database, both, SpiffeTlsTest::anybody);
        try (var meeting = new Meeting(federated, new SpiffeTls(() -> guest, both, SpiffeTlsTest::anybody))) {
            assertEquals(guest.leaf(), meeting.meet().client());
        }
        try (var meeting =
                new Meeting(tls(database, home.bundle()), new SpiffeTls(() -> guest, both, SpiffeTlsTest::anybody))) {
            assertThrows(Exception.class, meeting::meet);
        }
    }

    @Test
    void rotatedCertificateIsUsedByTheNextConnection() throws Exception {
        var server = new AtomicReference<>(database);
        var client = new AtomicReference<>(web);
        try (var meeting = new Meeting(following(server::get), following(client::get))) {
            assertEquals(new Meeting.Seen(database.leaf(), web.leaf()), meeting.meet());

            client.set(home.issue("/web"));
            assertEquals(new Meeting.Seen(database.leaf(), client.get().leaf()), meeting.meet());
            server.set(home.issue("/database"));
            var seen = meeting.meet();
            assertEquals(server.get().leaf(), seen.server());
            assertNotEquals(database.leaf(), seen.server());
        }
    }

    private SpiffeTls following(Supplier<X509Svid> own) {
        return new SpiffeTls(own, home.bundle(), SpiffeTlsTest::anybody);
    }

    @Test
    void changedBundleCountsFromTheNextConnection() throws Exception {
        var trusted = new AtomicReference<>(home.bundle());
        var server = new SpiffeTls(() -> database, domain -> trusted.get().bundle(domain), SpiffeTlsTest::anybody);
        try (var meeting = new Meeting(server, tls(web, home.bundle()))) {
            meeting.meet();

            trusted.set(new TestAuthority(HOME).bundle());
            assertThrows(Exception.class, meeting::meet);

            trusted.set(home.bundle());
            meeting.meet();
        }
    }

    @Test
    void openConnectionsOutliveTheBundleTheyBeganWithAndNewOnesDoNotBegin() throws Exception {
        var trusted = new AtomicReference<>(home.bundle());
        var server = new SpiffeTls(() -> database, domain -> trusted.get().bundle(domain), SpiffeTlsTest::anybody);
        var open = new ArrayList<Meeting.Link>();
        try (var meeting = new Meeting(server, tls(web, home.bundle()))) {
            for (int i = 0; i < 100; i++) {
                open.add(meeting.open());
            }

            trusted.set(new TestAuthority(HOME).bundle());

            assertThrows(Exception.class, meeting::meet);
            for (var link : open) {
                link.exchange();
            }
        } finally {
            for (var link : open) {
                link.close();
            }
        }
    }

    @Test
    void ofTwoAuthoritiesEachIsTrustedUntilItIsRemoved() throws Exception {
        var successor = new TestAuthority(HOME);
        var both = List.of(home.bundle(), successor.bundle()).stream()
                .flatMap(bundle -> bundle.x509Authorities().stream())
                .toList();
        var trusted = new AtomicReference<>(TrustBundle.ofX509(HOME, both));
        var server = new SpiffeTls(() -> database, domain -> trusted.get().bundle(domain), SpiffeTlsTest::anybody);
        try (var old = new Meeting(server, tls(web, home.bundle()));
                var renewed = new Meeting(server, tls(successor.issue("/web"), home.bundle()))) {
            old.meet();
            renewed.meet();

            trusted.set(successor.bundle());
            assertThrows(Exception.class, old::meet);
            renewed.meet();
        }
    }

    @Test
    void changedBundleOfTheClientCountsFromTheNextConnection() throws Exception {
        var trusted = new AtomicReference<>(home.bundle());
        var client = new SpiffeTls(() -> web, domain -> trusted.get().bundle(domain), SpiffeTlsTest::anybody);
        try (var meeting = new Meeting(tls(database, home.bundle()), client)) {
            meeting.meet();

            trusted.set(new TestAuthority(HOME).bundle());
            assertThrows(Exception.class, meeting::meet);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void peerThatIsNotAllowedAnyMoreDoesNotResume(boolean listener) throws Exception {
        var allowed = new AtomicReference<>(web.id());
        var server =
                new SpiffeTls(() -> database, home.bundle(), id -> allowed.get().equals(id));
        var client = tls(web, home.bundle());
        try (var meeting = listener
                ? Meeting.ofListenerWithOneThatResumes(server, client)
                : Meeting.ofSocketsWithOneThatResumes(server, client)) {
            meeting.meet();
            meeting.meet();
            allowed.set(database.id());
            assertRefused("which is not allowed here", meeting);
        }
    }

    @Test
    void listenerShowsWhatIsNewestAndKeepsWhatWasSetOnIt() throws Exception {
        var server = new AtomicReference<>(database);
        try (var meeting = Meeting.ofListenerWithOneThatResumes(following(server::get), tls(web, home.bundle()))) {
            assertEquals(database.leaf(), meeting.meet().server());

            server.set(home.issue("/database"));
            // the leaf of a client that was not asked for one could not be told
            assertEquals(new Meeting.Seen(server.get().leaf(), web.leaf()), meeting.meet());
        }
    }

    @Test
    void expiredPeerIsRefused() throws Exception {
        var chain = new X509Certificate[] {web.leaf()};
        var during =
                new SpiffeTrustManager(home.bundle(), SpiffeTlsTest::anybody, InstantSource.fixed(web.notBefore()));
        during.checkClientTrusted(chain, "UNKNOWN");
        var after = InstantSource.fixed(web.expiresAt().plusSeconds(1));
        var late = new SpiffeTrustManager(home.bundle(), SpiffeTlsTest::anybody, after);
        assertThrows(CertificateException.class, () -> late.checkClientTrusted(chain, "UNKNOWN"));
        assertThrows(CertificateException.class, () -> late.checkServerTrusted(chain, "UNKNOWN"));
    }

    @Test
    void contextCannotBeMadeToTrustSomebodyElse() {
        var context = tls(web, home.bundle()).sslContext();
        assertThrows(IllegalStateException.class, () -> context.init(null, null, null));
        assertEquals(0, tls(web, home.bundle()).trustManager().getAcceptedIssuers().length);
    }
}
