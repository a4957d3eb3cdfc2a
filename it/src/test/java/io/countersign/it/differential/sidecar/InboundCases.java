// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.sidecar;

import static io.countersign.it.differential.sidecar.HttpCase.Look.AFTERWARDS;
import static io.countersign.it.differential.sidecar.HttpCase.Look.CONNECTION_LOG;
import static io.countersign.it.differential.sidecar.HttpCase.Look.LISTEN;
import static io.countersign.it.differential.sidecar.HttpCase.Look.NO_LOG;

import io.countersign.it.differential.sidecar.Authority.Leaf;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLContext;

/** Who gets in over mutual TLS, and what the program behind is told. */
// where lines end is what these are about
@SuppressWarnings("StringConcatToTextBlock")
final class InboundCases {
    private static final String GET = "GET /a?b=c HTTP/1.1\nhost: app.test\nuser-agent: tester/1\n\n";
    private static final String FORGED = "x-forwarded-client-cert: By=spiffe://forged;URI=spiffe://forged\n";

    private InboundCases() {}

    static List<Case> all(Ground ground) {
        var frontend = ground.mint(Ground.FRONTEND).context();
        var other = ground.mint("spiffe://example.org/other").context();
        var cases = new ArrayList<Case>(List.of(
                in("the right identity", frontend, GET),
                in("the right identity over TLS 1.2", frontend, GET).over("TLSv1.2"),
                in("an identity that no policy knows", other, GET).look(AFTERWARDS, CONNECTION_LOG),
                in("an identity that no policy knows, HEAD", other, GET.replace("GET", "HEAD"))
                        .look(CONNECTION_LOG),
                in(
                                "an identity that no policy knows, with a body",
                                other,
                                "POST / HTTP/1.1\nhost: app.test\ncontent-length: 4\n\nbody")
                        .look(AFTERWARDS, CONNECTION_LOG),
                in(
                                "an identity that no policy knows, gRPC",
                                other,
                                "POST /a.B/C HTTP/1.1\nhost: app.test\ncontent-type: application/grpc\n"
                                        + "content-length: 0\n\n")
                        .look(CONNECTION_LOG),
                in("a public page for everybody", other, GET.replace("/a", "/public/a")),
                in("a public page, but not by POST", other, "POST /public HTTP/1.1\nhost: a\ncontent-length: 0\n\n"),
                in("one of a group", ground.mint("spiffe://example.org/group/a").context(), GET),
                in(
                        "the outcast of a group",
                        ground.mint("spiffe://example.org/group/outcast").context(),
                        GET),
                in(
                        "several names, quoted subject",
                        ground.own
                                .issue(Leaf.of(Ground.FRONTEND, "a.test", "b.test"))
                                .context(),
                        GET)));
        cases.addAll(refused(ground));
        cases.add(HttpCase.secure("mTLS: the one name, standard log", "exact", frontend, GET)
                .look(CONNECTION_LOG));
        cases.add(HttpCase.secure("mTLS: all trust domains, name by regular expression", "federated", other, GET)
                .look(CONNECTION_LOG));
        cases.add(HttpCase.secure("TLS only: no certificate", "tls-only", Credential.anonymous(), GET));
        cases.add(HttpCase.secure("TLS only: a certificate that nobody asks for", "tls-only", frontend, GET));
        cases.addAll(xfcc(ground.mint(Ground.FRONTEND, "a.test", "b.test").context()));
        return cases;
    }

    private static HttpCase in(String name, SSLContext client, String request) {
        return HttpCase.secure("mTLS: " + name, "inbound", client, request).look(CONNECTION_LOG);
    }

    /** Each is refused in the handshake: the alert, and what the listener's log says. */
    private static List<Case> refused(Ground ground) {
        var cases = new ArrayList<Case>();
        Map.of(
                        "no certificate", Credential.anonymous(),
                        "a foreign authority",
                                ground.stranger.issue(Leaf.of(Ground.FRONTEND)).context(),
                        "a certificate that has expired",
                                ground.mintExpired(Ground.FRONTEND).context(),
                        "a certificate that is not yet valid",
                                ground.own
                                        .issue(Leaf.of(Ground.FRONTEND)
                                                .valid(Duration.ofMinutes(10), Duration.ofMinutes(20)))
                                        .context(),
                        "a trust domain that is not trusted",
                                ground.own
                                        .issue(Leaf.of("spiffe://elsewhere.test/frontend"))
                                        .context(),
                        "a leaf that is an authority",
                                ground.own
                                        .issue(Leaf.of(Ground.FRONTEND).asAuthority())
                                        .context(),
                        "a name that is no SPIFFE ID",
                                ground.own
                                        .issue(Leaf.of("https://example.org/"))
                                        .context(),
                        "a DNS name only",
                                ground.own.issue(Leaf.of("example.org")).context(),
                        "two SPIFFE IDs",
                                ground.own
                                        .issue(Leaf.of(Ground.FRONTEND, "spiffe://example.org/other"))
                                        .context())
                .entrySet()
                .stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(client ->
                        cases.add(HttpCase.secure("mTLS refused: " + client.getKey(), "inbound", client.getValue(), GET)
                                .look(LISTEN, NO_LOG, CONNECTION_LOG)));
        cases.add(HttpCase.secure(
                        "mTLS refused: not the one name",
                        "exact",
                        ground.mint("spiffe://example.org/other").context(),
                        GET)
                .look(LISTEN, NO_LOG, CONNECTION_LOG));
        cases.add(HttpCase.secure(
                        "mTLS refused: no name that the expression matches",
                        "federated",
                        ground.own.issue(Leaf.of("spiffe://example.org")).context(),
                        GET)
                .look(LISTEN, NO_LOG, CONNECTION_LOG));
        cases.add(HttpCase.plain("mTLS refused: plain HTTP", "inbound", GET).look(NO_LOG, CONNECTION_LOG));
        return cases;
    }

    private static List<Case> xfcc(SSLContext client) {
        var cases = new ArrayList<Case>();
        for (var mode : List.of("sanitize", "forward-only", "append-forward", "sanitize-set", "always-forward-only")) {
            var listener = "xfcc-" + mode;
            cases.add(HttpCase.secure("XFCC " + mode + ": sent by the caller", listener, client, with(FORGED)));
            cases.add(HttpCase.secure("XFCC " + mode + ": sent twice", listener, client, with(FORGED + FORGED)));
            cases.add(HttpCase.secure("XFCC " + mode + ": not sent", listener, client, GET));
        }
        cases.add(
                HttpCase.secure("XFCC over TLS without certificate", "tls-only", Credential.anonymous(), with(FORGED)));
        cases.add(HttpCase.plain("XFCC over plain HTTP, to be set", "xfcc-plain", with(FORGED)));
        cases.add(HttpCase.plain("XFCC over plain HTTP, always forwarded", "xfcc-plain-always", with(FORGED)));
        return cases;
    }

    private static String with(String header) {
        return GET.replace("user-agent", header + "user-agent");
    }
}
