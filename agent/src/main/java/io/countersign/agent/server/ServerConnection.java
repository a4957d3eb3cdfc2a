// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.server;

import io.countersign.rpc.RpcChannels;
import io.countersign.rpc.TlsIdentity;
import io.countersign.spiffe.SpiffeId;
import io.countersign.spiffe.TrustDomain;
import io.countersign.spiffe.bundle.BundleSource;
import io.countersign.spiffe.x509.X509Svid;
import io.countersign.workloadapi.tls.SpiffeTls;
import io.countersign.workloadapi.tls.SpiffeTrustManager;
import io.grpc.ManagedChannel;
import java.util.function.Supplier;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Opens channels to the server, which must present exactly {@code spiffe://<trust domain>/spire/server}. A channel
 * connects when it is used and again by itself.
 */
public record ServerConnection(String host, int port, TrustDomain trustDomain) {
    /** As this node; the SVID is asked for anew with each connection. */
    public ManagedChannel asNode(Supplier<X509Svid> own, BundleSource bundles) {
        return RpcChannels.tcp(host, port, new SpiffeTls(own, bundles, serverId()::equals));
    }

    /** Without an identity, to a server that is checked. */
    public ManagedChannel asStranger(BundleSource bundles) {
        return stranger(new SpiffeTrustManager(bundles, serverId()::equals));
    }

    /** Without an identity, to whoever says that it is the server. */
    public ManagedChannel asStrangerToAnybody() {
        return stranger(new NamedAuthority(serverId()));
    }

    private ManagedChannel stranger(X509ExtendedTrustManager trust) {
        return RpcChannels.tcp(host, port, new TlsIdentity() {
            @Override
            public X509ExtendedKeyManager keyManager() {
                return new NoKey();
            }

            @Override
            public X509ExtendedTrustManager trustManager() {
                return trust;
            }
        });
    }

    private SpiffeId serverId() {
        return SpiffeId.of(trustDomain, "/spire/server");
    }
}
