// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.node;

import io.countersign.agent.config.WorkloadKeyType;
import io.countersign.agent.identity.IssuedSvid;
import io.countersign.agent.server.CertificateRequest;
import io.countersign.agent.server.Server;
import io.countersign.spiffe.bundle.TrustBundle;
import io.countersign.spiffe.x509.X509Svid;
import io.grpc.ManagedChannel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.InstantSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This node's identity as it is now. One thread renews it; any may read it.
 */
public final class OwnIdentity {
    private static final Logger log = LoggerFactory.getLogger(OwnIdentity.class);

    private final NodeStore store;
    private final InstantSource clock;
    private volatile NodeIdentity current;

    public OwnIdentity(NodeStore store, InstantSource clock, NodeIdentity current) {
        this.store = store;
        this.clock = clock;
        this.current = current;
    }

    public X509Svid svid() {
        return current.svid().svid();
    }

    /** What the server is checked against. */
    public TrustBundle bundle() {
        return current.bundle();
    }

    /** Has the present SVID renewed before it is due. */
    public void renewSoon() {
        current = new NodeIdentity(current.svid().dueAt(clock.instant()), current.bundle(), current.reattestable());
    }

    /** Asks for a new SVID when half of the life of the present one is over, and connects with it from then on. */
    public void renewIfDue(Server server, ManagedChannel channel) {
        if (clock.instant().isBefore(current.svid().renewAt())) {
            return;
        }
        var svid = server.renew(CertificateRequest.fresh(WorkloadKeyType.EC_P256));
        keep(new NodeIdentity(IssuedSvid.of(svid, 0), current.bundle(), current.reattestable()));
        // calls that run go on; the next one opens a connection with the new certificate
        channel.enterIdle();
        log.info("node identity renewed until {}", svid.expiresAt());
    }

    /** Remembers a changed bundle for the next start. */
    public void trust(TrustBundle bundle) {
        if (!bundle.x509Authorities().equals(current.bundle().x509Authorities())) {
            keep(new NodeIdentity(current.svid(), bundle, current.reattestable()));
        }
    }

    /** The server does not know this node any more: the next start begins anew. */
    public void forget() {
        try {
            store.forgetSvid();
        } catch (IOException e) {
            log.atError().setCause(e).log("the node identity that the server refused could not be removed");
        }
    }

    private void keep(NodeIdentity identity) {
        current = identity;
        try {
            store.save(identity);
        } catch (IOException e) {
            throw new UncheckedIOException("the node identity could not be stored: " + e.getMessage(), e);
        }
    }
}
