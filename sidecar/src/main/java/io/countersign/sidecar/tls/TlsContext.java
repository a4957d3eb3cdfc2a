// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.tls;

import io.countersign.sidecar.exchange.CertificateFacts;
import io.countersign.sidecar.exchange.TlsFacts;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;

/**
 * One generation of secrets made usable. A connection keeps the generation that it began with.
 *
 * @param own what is shown to the peer, leaf first
 */
public record TlsContext(SslContext ssl, List<CertificateFacts> own) {
    public TlsContext {
        own = List.copyOf(own);
    }

    /** What a finished handshake has established. */
    public TlsFacts facts(SslHandler handler, String requestedName) {
        var session = handler.engine().getSession();
        return new TlsFacts(
                peer(session), own, session.getProtocol(), session.getCipherSuite(), name(session, requestedName));
    }

    private static List<CertificateFacts> peer(SSLSession session) {
        var result = new ArrayList<CertificateFacts>();
        try {
            for (var certificate : session.getPeerCertificates()) {
                if (certificate instanceof X509Certificate x509) {
                    result.add(CertificateFacts.of(x509));
                }
            }
        } catch (SSLPeerUnverifiedException e) {
            // none was shown, and the context did not insist
            return List.of();
        }
        return result;
    }

    private static String name(SSLSession session, String requestedName) {
        if (session instanceof ExtendedSSLSession extended) {
            for (var name : extended.getRequestedServerNames()) {
                if (name instanceof SNIHostName host) {
                    return host.getAsciiName();
                }
            }
        }
        return requestedName;
    }
}
