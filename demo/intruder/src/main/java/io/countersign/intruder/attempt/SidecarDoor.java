// SPDX-License-Identifier: Apache-2.0
package io.countersign.intruder.attempt;

import io.countersign.intruder.attempt.Outcome.LetIn;
import io.countersign.intruder.attempt.Outcome.Refused;
import io.countersign.intruder.attempt.Outcome.Untried;
import io.countersign.spiffe.bundle.BundleSource;
import io.countersign.spiffe.x509.X509Svid;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

/** The backend's sidecar as callers see it. Each knock is a connection of its own; thread-safe. */
public final class SidecarDoor {
    /** What an intruder would want most. */
    private static final String WANTED = "/api/orders";

    private final Target target;
    private final Duration patience;

    /** @param patience for connecting, and for each answer */
    public SidecarDoor(Target target, Duration patience) {
        this.target = target;
        this.patience = patience;
    }

    /** Asks the backend for its orders with the certificate shown, or with none. */
    Outcome knock(List<X509Svid> shown, BundleSource bundles) {
        var server = new ServerIdentity(target.id());
        try (var socket = connect(ClientTls.sockets(shown, bundles, server))) {
            socket.startHandshake();
            return judge(ask(socket));
        } catch (IOException e) {
            var alert = Alert.in(e);
            return alert.isPresent() && server.seen()
                    ? new Refused(
                            party() + ", in the TLS handshake", alert.get().words())
                    : new Untried(target.address() + ": " + e);
        }
    }

    private SSLSocket connect(SSLSocketFactory tls) throws IOException {
        int milliseconds = Math.toIntExact(patience.toMillis());
        var plain = new HeedfulSocket();
        try {
            plain.connect(new InetSocketAddress(target.host(), target.port()), milliseconds);
            plain.setSoTimeout(milliseconds);
            return (SSLSocket) tls.createSocket(plain, target.host(), target.port(), true);
        } catch (IOException e) {
            plain.close();
            throw e;
        }
    }

    private HttpAnswer ask(SSLSocket socket) throws IOException {
        var request = "GET %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: countersign-intruder\r\nConnection: close\r\n\r\n"
                .formatted(WANTED, target.address());
        socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
        // in TLS 1.3 the client is done before the server judges its certificate: what it says to that is read here
        return HttpAnswer.read(new BufferedInputStream(socket.getInputStream()));
    }

    private Outcome judge(HttpAnswer answer) {
        if (answer.status() != 403) {
            return new LetIn("nobody refused: " + answer.inWords());
        }
        var named = answer.server().isEmpty() ? "" : " as server \"" + answer.server() + "\"";
        return new Refused(party() + named + (answer.isRbacDenial() ? ", by RBAC" : ", over HTTP"), answer.inWords());
    }

    private String party() {
        return "the backend's sidecar (" + target.id() + ")";
    }
}
