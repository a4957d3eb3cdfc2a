// SPDX-License-Identifier: Apache-2.0
package io.countersign.workloadapi.tls;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLServerSocketFactory;
import javax.net.ssl.SSLSocket;

/** Listeners each of whose connections has a context of its own; what is set on a listener holds for all that follow. */
final class FreshServerSockets extends SSLServerSocketFactory {
    private static final int STANDARD_BACKLOG = 50;

    private final Supplier<SSLContext> fresh;

    FreshServerSockets(Supplier<SSLContext> fresh) {
        this.fresh = fresh;
    }

    private SSLServerSocketFactory factory() {
        return fresh.get().getServerSocketFactory();
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
    public ServerSocket createServerSocket() throws IOException {
        return new Listener((SSLServerSocket) factory().createServerSocket());
    }

    @Override
    public ServerSocket createServerSocket(int port) throws IOException {
        return bound(new InetSocketAddress(port), STANDARD_BACKLOG);
    }

    @Override
    public ServerSocket createServerSocket(int port, int backlog) throws IOException {
        return bound(new InetSocketAddress(port), backlog);
    }

    @Override
    public ServerSocket createServerSocket(int port, int backlog, InetAddress address) throws IOException {
        return bound(new InetSocketAddress(address, port), backlog);
    }

    private ServerSocket bound(InetSocketAddress address, int backlog) throws IOException {
        var listener = createServerSocket();
        try {
            listener.bind(address, backlog);
            return listener;
        } catch (IOException e) {
            listener.close();
            throw e;
        }
    }

    private final class Listener extends SSLServerSocket {
        /** Never bound: keeps the settings, and judges them. */
        private final SSLServerSocket settings;

        Listener(SSLServerSocket settings) throws IOException {
            this.settings = settings;
        }

        @Override
        public Socket accept() throws IOException {
            var plain = new Socket();
            implAccept(plain);
            try {
                var tls = (SSLSocket) fresh.get()
                        .getSocketFactory()
                        .createSocket(plain, plain.getInetAddress().getHostAddress(), plain.getPort(), true);
                tls.setUseClientMode(settings.getUseClientMode());
                tls.setSSLParameters(settings.getSSLParameters());
                tls.setEnableSessionCreation(settings.getEnableSessionCreation());
                return tls;
            } catch (IOException | RuntimeException e) {
                plain.close();
                throw e;
            }
        }

        @Override
        public SSLParameters getSSLParameters() {
            return settings.getSSLParameters();
        }

        @Override
        public void setSSLParameters(SSLParameters parameters) {
            settings.setSSLParameters(parameters);
        }

        @Override
        public String[] getEnabledCipherSuites() {
            return settings.getEnabledCipherSuites();
        }

        @Override
        public void setEnabledCipherSuites(String[] suites) {
            settings.setEnabledCipherSuites(suites);
        }

        @Override
        public String[] getSupportedCipherSuites() {
            return settings.getSupportedCipherSuites();
        }

        @Override
        public String[] getSupportedProtocols() {
            return settings.getSupportedProtocols();
        }

        @Override
        public String[] getEnabledProtocols() {
            return settings.getEnabledProtocols();
        }

        @Override
        public void setEnabledProtocols(String[] protocols) {
            settings.setEnabledProtocols(protocols);
        }

        @Override
        public void setNeedClientAuth(boolean need) {
            settings.setNeedClientAuth(need);
        }

        @Override
        public boolean getNeedClientAuth() {
            return settings.getNeedClientAuth();
        }

        @Override
        public void setWantClientAuth(boolean want) {
            settings.setWantClientAuth(want);
        }

        @Override
        public boolean getWantClientAuth() {
            return settings.getWantClientAuth();
        }

        @Override
        public void setUseClientMode(boolean mode) {
            settings.setUseClientMode(mode);
        }

        @Override
        public boolean getUseClientMode() {
            return settings.getUseClientMode();
        }

        @Override
        public void setEnableSessionCreation(boolean flag) {
            settings.setEnableSessionCreation(flag);
        }

        @Override
        public boolean getEnableSessionCreation() {
            return settings.getEnableSessionCreation();
        }
    }
}
