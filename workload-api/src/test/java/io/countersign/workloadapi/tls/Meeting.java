// SPDX-License-Identifier: Apache-2.0
package io.countersign.workloadapi.tls;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ServerSocketFactory;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;

/** A TCP port at which a TLS server answers a byte to each client, with contexts that stay the same over connections. */
final class Meeting implements AutoCloseable {
    private static final int PATIENCE_MILLIS = 20_000;

    /** The leaves that both ends saw. */
    record Seen(X509Certificate server, X509Certificate client) {}

    private final ServerSocket listener;
    private final SSLContext server;
    private final SSLContext client;

    private Meeting(ServerSocket listener, SSLContext server, SSLContext client) {
        this.listener = listener;
        this.server = server;
        this.client = client;
    }

    Meeting(SpiffeTls server, SpiffeTls client) throws IOException {
        this(listener(ServerSocketFactory.getDefault()), server.sslContext(), client.sslContext());
    }

    /** As the constructor, with a client that resumes what it can. */
    static Meeting ofSocketsWithOneThatResumes(SpiffeTls server, SpiffeTls client) throws Exception {
        return new Meeting(listener(ServerSocketFactory.getDefault()), server.sslContext(), resuming(client));
    }

    /** With a server that has listeners of TLS, and a client that resumes what it can. */
    static Meeting ofListenerWithOneThatResumes(SpiffeTls server, SpiffeTls client) throws Exception {
        var context = server.sslContext();
        var listener = (SSLServerSocket) listener(context.getServerSocketFactory());
        listener.setNeedClientAuth(true);
        return new Meeting(listener, context, resuming(client));
    }

    private static ServerSocket listener(ServerSocketFactory factory) throws IOException {
        return factory.createServerSocket(0, 5, InetAddress.getLoopbackAddress());
    }

    private static SSLContext resuming(SpiffeTls tls) throws GeneralSecurityException {
        var context = SSLContext.getInstance("TLS");
        context.init(new KeyManager[] {tls.keyManager()}, new TrustManager[] {tls.trustManager()}, null);
        return context;
    }

    /** One connection; throws what the end that refuses says. */
    Seen meet() throws Exception {
        var answered = new CompletableFuture<X509Certificate>();
        Thread.ofVirtual().start(() -> {
            try (var tls = accept()) {
                answered.complete(exchange(tls));
            } catch (Exception e) {
                answered.completeExceptionally(e);
            }
        });
        X509Certificate seenByClient;
        try (var tls = connect()) {
            seenByClient = exchange(tls);
        } catch (IOException e) {
            throw moreTelling(e, answered);
        }
        return new Seen(seenByClient, answered.get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS));
    }

    /** Both ends of a connection that stays open. */
    record Link(SSLSocket server, SSLSocket client) implements AutoCloseable {
        /** A byte each way. */
        void exchange() throws IOException {
            client.getOutputStream().write(1);
            server.getOutputStream().write(2);
            if (server.getInputStream().read() != 1 || client.getInputStream().read() != 2) {
                throw new IOException("an end has closed");
            }
        }

        @Override
        public void close() throws IOException {
            for (var end : List.of(client, server)) {
                // else it waits so long for the last words of the other end
                end.setSoTimeout(1);
                end.close();
            }
        }
    }

    Link open() throws Exception {
        var accepted = new CompletableFuture<SSLSocket>();
        Thread.ofVirtual().start(() -> {
            try {
                var tls = accept();
                exchange(tls);
                accepted.complete(tls);
            } catch (IOException e) {
                accepted.completeExceptionally(e);
            }
        });
        var tls = connect();
        exchange(tls);
        return new Link(accepted.get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS), tls);
    }

    private SSLSocket accept() throws IOException {
        Socket plain = listener.accept();
        if (plain instanceof SSLSocket tls) {
            return tls;
        }
        var tls = (SSLSocket) server.getSocketFactory()
                .createSocket(plain, plain.getInetAddress().getHostAddress(), plain.getPort(), true);
        tls.setUseClientMode(false);
        tls.setNeedClientAuth(true);
        return tls;
    }

    private SSLSocket connect() throws IOException {
        return (SSLSocket)
                client.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), listener.getLocalPort());
    }

    /** A byte each way, so that session tickets arrive and a late refusal is noticed. */
    private static X509Certificate exchange(SSLSocket tls) throws IOException {
        tls.setSoTimeout(PATIENCE_MILLIS);
        tls.startHandshake();
        tls.getOutputStream().write(1);
        if (tls.getInputStream().read() != 1) {
            throw new IOException("the other end has closed");
        }
        return (X509Certificate) tls.getSession().getPeerCertificates()[0];
    }

    /** The end that refuses knows why; the other only sees an alert. */
    private static Exception moreTelling(IOException ofClient, CompletableFuture<X509Certificate> answered)
            throws InterruptedException, TimeoutException {
        try {
            answered.get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
            return ofClient;
        } catch (ExecutionException e) {
            var ofServer = e.getCause();
            boolean isAlert =
                    ofServer == null || String.valueOf(ofServer.getMessage()).contains("Received fatal alert");
            return isAlert || !(ofServer instanceof Exception told) || isRefusal(ofClient) ? ofClient : told;
        }
    }

    private static boolean isRefusal(Exception e) {
        return e.getCause() instanceof CertificateException;
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}
