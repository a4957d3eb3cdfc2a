// SPDX-License-Identifier: Apache-2.0
package io.countersign.workloadapi.tls;

import io.countersign.rpc.TlsIdentity;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.Provider;
import java.security.SecureRandom;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLContextSpi;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLServerSocketFactory;
import javax.net.ssl.SSLSessionContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * A context that makes a new one for each connection: JSSE resumes sessions out of the context without asking the trust
 * manager again, and there is no switch for that.
 */
public final class FreshSslContext extends SSLContextSpi {
    private static final class Context extends SSLContext {
        Context(SSLContextSpi spi, Provider provider, String protocol) {
            super(spi, provider, protocol);
        }
    }

    private final TlsIdentity tls;

    private FreshSslContext(TlsIdentity tls) {
        this.tls = tls;
    }

    /** For libraries that want a context; {@code tls} is asked for both managers once a connection. */
    public static SSLContext of(TlsIdentity tls) {
        var spi = new FreshSslContext(tls);
        var first = spi.fresh();
        return new Context(spi, first.getProvider(), first.getProtocol());
    }

    private SSLContext fresh() {
        try {
            var context = SSLContext.getInstance("TLS");
            context.init(new KeyManager[] {tls.keyManager()}, new TrustManager[] {tls.trustManager()}, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java has no TLS: " + e.getMessage(), e);
        }
    }

    @Override
    protected void engineInit(
            KeyManager @Nullable [] keys, TrustManager @Nullable [] trust, @Nullable SecureRandom random) {
        throw new IllegalStateException("this context is ready, its identity comes from the Workload API");
    }

    @Override
    protected SSLSocketFactory engineGetSocketFactory() {
        return new FreshSockets();
    }

    @Override
    protected SSLServerSocketFactory engineGetServerSocketFactory() {
        return new FreshServerSockets(this::fresh);
    }

    @Override
    protected SSLEngine engineCreateSSLEngine() {
        return fresh().createSSLEngine();
    }

    @Override
    protected SSLEngine engineCreateSSLEngine(String host, int port) {
        return fresh().createSSLEngine(host, port);
    }

    @Override
    protected SSLSessionContext engineGetServerSessionContext() {
        return fresh().getServerSessionContext();
    }

    @Override
    protected SSLSessionContext engineGetClientSessionContext() {
        return fresh().getClientSessionContext();
    }

    private final class FreshSockets extends SSLSocketFactory {
        private SSLSocketFactory factory() {
            return fresh().getSocketFactory();
        }

        @Override
        public String[] getDefaultCipherSuites() {
            return factory().getDefaultCipherSuites();
        }

        @Override
        public String[] getSupportedCipherSuites() {
            return factory().getSupportedCipherSuites();
        }

        @Override
        public Socket createSocket() throws IOException {
            return factory().createSocket();
        }

        @Override
        public Socket createSocket(Socket plain, String host, int port, boolean autoClose) throws IOException {
            return factory().createSocket(plain, host, port, autoClose);
        }

        @Override
        public Socket createSocket(String host, int port) throws IOException {
            return factory().createSocket(host, port);
        }

        @Override
        public Socket createSocket(String host, int port, InetAddress local, int localPort) throws IOException {
            return factory().createSocket(host, port, local, localPort);
        }

        @Override
        public Socket createSocket(InetAddress host, int port) throws IOException {
            return factory().createSocket(host, port);
        }

        @Override
        public Socket createSocket(InetAddress host, int port, InetAddress local, int localPort) throws IOException {
            return factory().createSocket(host, port, local, localPort);
        }
    }
}
