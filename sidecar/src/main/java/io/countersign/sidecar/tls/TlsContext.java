// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.tls;

import io.countersign.sidecar.exchange.CertificateFacts;
import io.countersign.sidecar.exchange.TlsFacts;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.internal.tcnative.SSL;
import io.netty.util.ReferenceCountUtil;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;

/**
 * One generation of secrets made usable. A connection keeps the generation that it began with. What BoringSSL holds of it is
 * given back when nobody can begin with it any more and the last connection has ended. Thread-safe.
 */
public final class TlsContext {
    private static final Cleaner CLEANER = Cleaner.create();

    private final SslContext ssl;
    private final List<CertificateFacts> own;

    /**
     * @param ssl whose engines are counted, so that each connection gives back its own at its end; taken over
     * @param own what is shown to the peer, leaf first
     */
    TlsContext(SslContext ssl, List<CertificateFacts> own) {
        this.ssl = ssl;
        this.own = List.copyOf(own);
        CLEANER.register(this, () -> ReferenceCountUtil.release(ssl));
    }

    /** For one connection of a client to us, who gets no ticket to come back with. */
    public SslHandler newHandler(ByteBufAllocator allocator) {
        try {
            var handler = ssl.newHandler(allocator);
            if (handler.engine() instanceof ReferenceCountedOpenSslEngine engine) {
                // the library lets the context give them out, for the sake of TLS 1.3
                SSL.setOptions(engine.sslPointer(), SSL.SSL_OP_NO_TICKET);
            }
            return handler;
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /** For one connection of ours, with the name that is asked for. */
    public SslHandler newHandler(ByteBufAllocator allocator, String serverName) {
        try {
            return ssl.newHandler(allocator, serverName, -1);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /** What is shown to the peer, leaf first. */
    public List<CertificateFacts> own() {
        return own;
    }

    /** What a finished handshake has established. */
    public TlsFacts facts(SslHandler handler) {
        var session = handler.engine().getSession();
        return new TlsFacts(
                peer(session),
                own,
                session.getProtocol(),
                session.getCipherSuite(),
                name(session),
                HexFormat.of().formatHex(session.getId()));
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

    private static String name(SSLSession session) {
        if (session instanceof ExtendedSSLSession extended) {
            for (var name : extended.getRequestedServerNames()) {
                if (name instanceof SNIHostName host) {
                    return host.getAsciiName();
                }
            }
        }
        return "";
    }
}
