// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent;

import static io.countersign.agent.TestDomain.HOME;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import io.countersign.rpc.RpcServer;
import io.countersign.rpc.TlsIdentity;
import io.countersign.serverapi.types.Bundle;
import io.countersign.serverapi.types.Entry;
import io.countersign.serverapi.types.JWTKey;
import io.countersign.serverapi.types.PermissionDeniedDetails;
import io.countersign.serverapi.types.SPIFFEID;
import io.countersign.serverapi.types.Selector;
import io.countersign.serverapi.types.X509Certificate;
import io.countersign.spiffe.SpiffeId;
import io.countersign.spiffe.bundle.TrustBundle;
import io.countersign.spiffe.x509.X509Svid;
import io.countersign.workloadapi.tls.SpiffeTrustManager;
import io.countersign.workloadapi.tls.SvidKeyManager;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.protobuf.StatusProto;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.cert.CertificateEncodingException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509ExtendedTrustManager;

/** The other end of the agent's wire: what a server of the trust domain answers, with everything it was asked. */
public final class FakeServer implements AutoCloseable {
    public final TestClock clock = new TestClock();
    public volatile TestDomain domain = new TestDomain(HOME, clock);
    public final Set<String> tokens = ConcurrentHashMap.newKeySet();
    public final Map<String, Entry> entries = new ConcurrentSkipListMap<>();
    public final Map<String, TrustBundle> federated = new ConcurrentHashMap<>();
    public final AtomicInteger attestations = new AtomicInteger();
    public final AtomicInteger renewals = new AtomicInteger();
    public final AtomicInteger tokensIssued = new AtomicInteger();
    public final List<String> signed = new CopyOnWriteArrayList<>();
    /** The ids that each conversation about entries asked for beyond the revisions. */
    public final List<String> fetched = new CopyOnWriteArrayList<>();

    /** What the callers that asked for entries presented. */
    public final List<java.security.cert.X509Certificate> callers = new CopyOnWriteArrayList<>();

    /** The nodes that wait to hear of changes; nobody is told of those made without {@link #push}. */
    public final List<Consumer<Boolean>> watching = new CopyOnWriteArrayList<>();

    final List<Consumer<Status>> watchEnds = new CopyOnWriteArrayList<>();

    /** Whether it has the service by which they hear; the original has none. */
    public volatile boolean pushes = true;

    public final List<String> versions = new CopyOnWriteArrayList<>();

    /** Done before certificates are signed. */
    public volatile Runnable beforeSigning = () -> {};

    /** The paths for which it signs in the place of their own, by the ids of entries. */
    public final Map<String, String> signedAs = new ConcurrentHashMap<>();

    /** The entries whose certificates nobody can read. */
    public final Set<String> unreadable = ConcurrentHashMap.newKeySet();

    /** What is said in the place of its own bundle, whatever that is. */
    public volatile Optional<Bundle> saidOfOwn = Optional.empty();

    /** What is said in the place of the bundles of other trust domains, by their names. */
    public final Map<String, Bundle> saidOfFederated = new ConcurrentHashMap<>();

    private volatile X509Svid own = domain.issue("/spire/server", Duration.ofDays(6));
    private volatile Optional<PermissionDeniedDetails.Reason> refusal = Optional.empty();
    private volatile boolean untilAttested;
    private volatile boolean once;
    private volatile Optional<Status> unproven = Optional.empty();
    private volatile TrustBundle bundle = domain.bundle();
    private volatile boolean tainted;
    private Optional<RpcServer> server = Optional.empty();
    private int port;

    public static FakeServer start() throws IOException {
        var server = new FakeServer();
        server.comeBack();
        return server;
    }

    public int port() {
        return port;
    }

    /** Listens, after {@link #goAway} on the port of before. */
    public void comeBack() throws IOException {
        var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        var services = FakeServices.of(this);
        var listening = RpcServer.onTcp(address, identity(), services, List.of(new Refusals()));
        port = listening.port();
        server = Optional.of(listening);
    }

    /** Another one of the same trust domain, that knows and says the same, at another address with this one's port; close it. */
    RpcServer twin(String address, ServerInterceptor around) throws IOException {
        return RpcServer.onTcp(
                new InetSocketAddress(address, port),
                identity(),
                FakeServices.of(this),
                List.of(around, new Refusals()));
    }

    public void goAway() throws Exception {
        if (server.isPresent()) {
            server.get().close();
            server = Optional.empty();
        }
    }

    /** Comes back as if it had lost everything: nobody who trusted it before has heard of its authorities. */
    public void loseEverything() throws Exception {
        goAway();
        domain = new TestDomain(HOME, clock);
        own = domain.issue("/spire/server", Duration.ofDays(6));
        bundle = domain.bundle();
        comeBack();
    }

    /** Comes back with another authority for nodes, and takes no certificate of the one before; its own is still of that. */
    public void replaceAuthority() throws Exception {
        goAway();
        var authorities = new ArrayList<>(bundle.x509Authorities());
        domain = new TestDomain(HOME, clock);
        authorities.addAll(domain.bundle().x509Authorities());
        bundle = new TrustBundle(HOME, authorities, domain.bundle().jwtAuthorities(), 1, Optional.empty());
        comeBack();
    }

    /** Answers every call of a node so from now on. */
    public void refuse(PermissionDeniedDetails.Reason reason) {
        once = false;
        refusal = Optional.of(reason);
    }

    /** Answers the next call of a node so. */
    public void refuseOnce(PermissionDeniedDetails.Reason reason) {
        once = true;
        refusal = Optional.of(reason);
    }

    /** As {@link #refuse}, but whoever proves itself again is let in. */
    public void refuseNodesUntilAttested(PermissionDeniedDetails.Reason reason) {
        refusal = Optional.of(reason);
        untilAttested = true;
    }

    /** Answers so whatever a node proves itself by. */
    public void refuseProofs(Status status) {
        unproven = Optional.of(status);
    }

    Optional<Status> unproven() {
        return unproven;
    }

    void attested() {
        attestations.incrementAndGet();
        if (untilAttested) {
            refusal = Optional.empty();
        }
    }

    public TrustBundle bundle() {
        return bundle;
    }

    /** Marks its X.509 authorities, and a JWT authority of the name tainted-key, as soon to be revoked. */
    public void taint() {
        tainted = true;
    }

    /** Takes back {@link #taint}, and the JWT authority with it. */
    public void revokeTainted() {
        tainted = false;
    }

    Bundle ownMessage() {
        if (saidOfOwn.isPresent()) {
            return saidOfOwn.get();
        }
        var message = message(bundle).toBuilder();
        if (tainted) {
            message.getX509AuthoritiesBuilderList().forEach(authority -> authority.setTainted(true));
            message.addJwtAuthorities(message.getJwtAuthorities(0).toBuilder()
                    .setKeyId("tainted-key")
                    .setTainted(true));
        }
        return message.build();
    }

    public void publish(TrustBundle changed) {
        bundle = changed;
    }

    private TlsIdentity identity() {
        return new TlsIdentity() {
            @Override
            public X509ExtendedKeyManager keyManager() {
                return new SvidKeyManager(() -> own);
            }

            @Override
            public X509ExtendedTrustManager trustManager() {
                return new SpiffeTrustManager(domain.bundle(), id -> id.isMemberOf(HOME), clock);
            }
        };
    }

    /** With a selector of nobody; there with {@link #change}, and not before it is as the test wants it. */
    public Entry.Builder entry(String id, String path) {
        return Entry.newBuilder()
                .setId(id)
                .setSpiffeId(message(domain.id(path)))
                .addSelectors(Selector.newBuilder().setType("unix").setValue("uid:4294967294"))
                .setRevisionNumber(1)
                .setCreatedAt(1);
    }

    /** Says that anything may have changed. */
    public void push() {
        watching.forEach(each -> each.accept(false));
    }

    public void pushEntries() {
        watching.forEach(each -> each.accept(true));
    }

    /** Is from now on one that has no service for changes, and ends so what those have who listen. */
    public void stopPushing(Status end) {
        pushes = false;
        watching.clear();
        watchEnds.forEach(each -> each.accept(end));
        watchEnds.clear();
    }

    public void change(Entry.Builder entry) {
        entries.put(
                entry.getId(),
                entry.setRevisionNumber(entry.getRevisionNumber() + 1).build());
    }

    static SPIFFEID message(SpiffeId id) {
        return SPIFFEID.newBuilder()
                .setTrustDomain(id.trustDomain().name())
                .setPath(id.path())
                .build();
    }

    static Bundle message(TrustBundle bundle) {
        var message = Bundle.newBuilder()
                .setTrustDomain(bundle.trustDomain().name())
                .setSequenceNumber(bundle.sequenceNumber());
        for (var authority : bundle.x509Authorities()) {
            message.addX509Authorities(X509Certificate.newBuilder().setAsn1(der(authority)));
        }
        for (var key : bundle.jwtAuthorities()) {
            message.addJwtAuthorities(JWTKey.newBuilder()
                    .setKeyId(key.keyId())
                    .setPublicKey(ByteString.copyFrom(key.publicKey().getEncoded())));
        }
        return message.build();
    }

    static ByteString der(java.security.cert.X509Certificate certificate) {
        try {
            return ByteString.copyFrom(certificate.getEncoded());
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() throws Exception {
        goAway();
    }

    private final class Refusals implements ServerInterceptor {
        @Override
        public <Q, A> ServerCall.Listener<Q> interceptCall(
                ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
            boolean attesting = call.getMethodDescriptor().getFullMethodName().endsWith("/AttestAgent");
            var reason = refusal;
            if (reason.isEmpty() || (untilAttested && attesting)) {
                return next.startCall(call, headers);
            }
            if (once) {
                refusal = Optional.empty();
            }
            var details =
                    PermissionDeniedDetails.newBuilder().setReason(reason.get()).build();
            var status = StatusProto.toStatusRuntimeException(com.google.rpc.Status.newBuilder()
                    .setCode(Status.Code.PERMISSION_DENIED.value())
                    .setMessage("agent is not allowed")
                    .addDetails(Any.pack(details))
                    .build());
            var trailers = status.getTrailers();
            call.close(status.getStatus(), trailers == null ? new Metadata() : trailers);
            return new ServerCall.Listener<>() {};
        }
    }
}
