// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.server;

import com.google.protobuf.ByteString;
import io.countersign.agent.entry.RegistrationEntry;
import io.countersign.serverapi.agent.AgentGrpc;
import io.countersign.serverapi.agent.AgentX509SVIDParams;
import io.countersign.serverapi.agent.AttestAgentRequest;
import io.countersign.serverapi.agent.AttestAgentResponse;
import io.countersign.serverapi.agent.PostStatusRequest;
import io.countersign.serverapi.agent.RenewAgentRequest;
import io.countersign.serverapi.bundle.BundleGrpc;
import io.countersign.serverapi.bundle.GetBundleRequest;
import io.countersign.serverapi.bundle.GetFederatedBundleRequest;
import io.countersign.serverapi.entry.EntryGrpc;
import io.countersign.serverapi.entry.GetAuthorizedEntriesRequest;
import io.countersign.serverapi.svid.BatchNewX509SVIDRequest;
import io.countersign.serverapi.svid.BatchNewX509SVIDResponse;
import io.countersign.serverapi.svid.NewJWTSVIDRequest;
import io.countersign.serverapi.svid.NewX509SVIDParams;
import io.countersign.serverapi.svid.SVIDGrpc;
import io.countersign.serverapi.types.AttestationData;
import io.countersign.serverapi.types.PermissionDeniedDetails.Reason;
import io.countersign.spiffe.TrustDomain;
import io.countersign.spiffe.bundle.TrustBundle;
import io.countersign.spiffe.jwt.JwtSvid;
import io.countersign.spiffe.x509.X509Svid;
import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.AbstractStub;
import java.security.KeyPair;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The calls of an agent. Each waits at most 30 seconds and fails with the server's status; an answer that cannot be
 * understood counts as INTERNAL. Thread-safe.
 */
public final class Server {
    private static final Logger log = LoggerFactory.getLogger(Server.class);
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Channel channel;
    /** What was wrong with which entries in the last answer, so that the log tells of it once. */
    private volatile Map<String, String> faults = Map.of();

    public Server(Channel channel) {
        this.channel = channel;
    }

    /** What a node gets for proving itself. */
    public record Attested(X509Svid svid, boolean reattestable) {}

    /** A certificate wanted for an entry. */
    public record SigningRequest(String entryId, CertificateRequest request) {}

    /** What came of one request: a certificate, or why there is none. */
    public sealed interface Signed {
        record Issued(X509Svid svid) implements Signed {}

        record Refused(Status status) implements Signed {}
    }

    /**
     * What a node proves itself by.
     *
     * @param answer what it says to a challenge; IllegalArgumentException if it cannot say anything to that one
     * @param end gives back what is held for the time of the conversation
     */
    public record Proof(String attestor, ByteString payload, UnaryOperator<ByteString> answer, Runnable end)
            implements AutoCloseable {
        /** One for which nothing is held. */
        public Proof(String attestor, ByteString payload, UnaryOperator<ByteString> answer) {
            this(attestor, payload, answer, () -> {});
        }

        @Override
        public void close() {
            end.run();
        }

        /** Without the payload, which may be a secret. */
        @Override
        public String toString() {
            return attestor;
        }
    }

    /** Proves this node, whatever challenges the server's attestor asks. */
    public Attested attest(Proof proof, CertificateRequest request) {
        return understood(() -> {
            var params = AttestAgentRequest.Params.newBuilder()
                    .setData(AttestationData.newBuilder()
                            .setType(proof.attestor())
                            .setPayload(proof.payload()))
                    .setParams(csr(request));
            var answer =
                    converse(AttestAgentRequest.newBuilder().setParams(params).build(), proof.answer());
            return new Attested(
                    Decode.svid(answer.getResult().getSvid(), request.keys()),
                    answer.getResult().getReattestable());
        });
    }

    private AttestAgentResponse converse(AttestAgentRequest first, UnaryOperator<ByteString> answer) {
        try {
            var call = waiting(AgentGrpc.newBlockingV2Stub(channel)).attestAgent();
            call.write(first);
            var said = call.read();
            while (said != null && said.hasChallenge()) {
                call.write(AttestAgentRequest.newBuilder()
                        .setChallengeResponse(answer.apply(said.getChallenge()))
                        .build());
                said = call.read();
            }
            call.halfClose();
            if (said == null || !said.hasResult()) {
                throw new IllegalArgumentException("the stream ended without a result");
            }
            return said;
        } catch (StatusException e) {
            throw unchecked(e);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    public X509Svid renew(CertificateRequest wanted) {
        var request = RenewAgentRequest.newBuilder().setParams(csr(wanted)).build();
        return understood(() -> Decode.svid(
                waiting(AgentGrpc.newBlockingStub(channel)).renewAgent(request).getSvid(), wanted.keys()));
    }

    private static AgentX509SVIDParams csr(CertificateRequest request) {
        return AgentX509SVIDParams.newBuilder()
                .setCsr(ByteString.copyFrom(request.der()))
                .build();
    }

    public void postStatus(String version) {
        waiting(AgentGrpc.newBlockingStub(channel))
                .postStatus(
                        PostStatusRequest.newBuilder().setAgentVersion(version).build());
    }

    /** The entries of this node by id; only those that differ from {@code known} are transferred where there are many. */
    public Map<String, RegistrationEntry> entries(Map<String, RegistrationEntry> known) {
        return taken(understood(() -> new EntrySync(channel, known).run()));
    }

    /** As {@link #entries}, all in one answer, as servers know it that have no other way. */
    public Map<String, RegistrationEntry> allEntries() {
        var request = GetAuthorizedEntriesRequest.newBuilder()
                .setOutputMask(EntrySync.WANTED)
                .build();
        var read = new ReadEntries();
        waiting(EntryGrpc.newBlockingStub(channel))
                .getAuthorizedEntries(request)
                .getEntriesList()
                .forEach(read::read);
        return taken(read);
    }

    private Map<String, RegistrationEntry> taken(ReadEntries read) {
        var before = faults;
        faults = read.faults();
        faults.forEach((id, fault) -> {
            if (!fault.equals(before.get(id))) {
                log.atWarn().addKeyValue("entry", id).log("an entry cannot be understood and is left out: {}", fault);
            }
        });
        return read.entries();
    }

    /** @param own the trust domain that this node is of */
    public OwnBundle bundle(TrustDomain own) {
        return understood(() -> Decode.ownBundle(
                own, waiting(BundleGrpc.newBlockingStub(channel)).getBundle(GetBundleRequest.getDefaultInstance())));
    }

    /** The bundle of another trust domain; nothing if the server has none. */
    public Optional<TrustBundle> federatedBundle(TrustDomain trustDomain) {
        var request = GetFederatedBundleRequest.newBuilder()
                .setTrustDomain(trustDomain.name())
                .build();
        try {
            return Optional.of(understood(() -> Decode.bundle(
                    trustDomain, waiting(BundleGrpc.newBlockingStub(channel)).getFederatedBundle(request))));
        } catch (StatusRuntimeException e) {
            if (e.getStatus().getCode() == Status.Code.NOT_FOUND) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** Certificates for entries, one result for each request and in their order. */
    public List<Signed> sign(List<SigningRequest> requests) {
        var batch = BatchNewX509SVIDRequest.newBuilder();
        for (var request : requests) {
            batch.addParams(NewX509SVIDParams.newBuilder()
                    .setEntryId(request.entryId())
                    .setCsr(ByteString.copyFrom(request.request().der())));
        }
        return understood(() -> {
            var answer = waiting(SVIDGrpc.newBlockingStub(channel)).batchNewX509SVID(batch.build());
            if (answer.getResultsCount() != requests.size()) {
                throw new IllegalArgumentException(
                        answer.getResultsCount() + " results came for " + requests.size() + " requests");
            }
            var signed = new ArrayList<Signed>();
            for (int i = 0; i < requests.size(); i++) {
                signed.add(
                        signed(answer.getResults(i), requests.get(i).request().keys()));
            }
            return List.copyOf(signed);
        });
    }

    private static Signed signed(BatchNewX509SVIDResponse.Result result, KeyPair keys) {
        int code = result.getStatus().getCode();
        if (code != 0) {
            return new Signed.Refused(Status.fromCodeValue(code)
                    .withDescription(result.getStatus().getMessage()));
        }
        try {
            return new Signed.Issued(Decode.svid(result.getSvid(), keys));
        } catch (IllegalArgumentException e) {
            // the others of the batch are good
            return new Signed.Refused(
                    Status.INTERNAL.withDescription("the certificate cannot be understood: " + e.getMessage()));
        }
    }

    /** A token for one entry, waited for so long, even if the server is away in the beginning. */
    public JwtSvid firstJwtSvid(String entryId, List<String> audience, Duration patience) {
        try {
            return newJwtSvid(SVIDGrpc.newBlockingStub(channel).withWaitForReady(), entryId, audience, patience);
        } catch (StatusRuntimeException e) {
            throw e.getStatus().getCode() == Status.Code.DEADLINE_EXCEEDED
                    ? Status.UNAVAILABLE
                            .withDescription("the server has not answered for " + patience.toSeconds() + " s")
                            .withCause(e)
                            .asRuntimeException()
                    : e;
        }
    }

    /** As {@link #firstJwtSvid}, and not waited for while the server is away. */
    public JwtSvid newJwtSvid(String entryId, List<String> audience, Duration patience) {
        return newJwtSvid(SVIDGrpc.newBlockingStub(channel), entryId, audience, patience);
    }

    private static JwtSvid newJwtSvid(
            SVIDGrpc.SVIDBlockingStub stub, String entryId, List<String> audience, Duration patience) {
        var request = NewJWTSVIDRequest.newBuilder()
                .setEntryId(entryId)
                .addAllAudience(audience)
                .build();
        Supplier<JwtSvid> call = () -> understood(
                () -> JwtSvid.parseInsecure(stub.withDeadlineAfter(patience.toMillis(), TimeUnit.MILLISECONDS)
                        .newJWTSVID(request)
                        .getSvid()
                        .getToken()));
        try {
            return call.get();
        } catch (StatusRuntimeException e) {
            if (Refusals.reason(e).filter(Reason.AGENT_NOT_ACTIVE::equals).isEmpty()) {
                throw e;
            }
            // it may have been on its way with the certificate of before when another server saw the renewed one
            return call.get();
        }
    }

    static <S extends AbstractStub<S>> S waiting(S stub) {
        return stub.withDeadlineAfter(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    }

    static StatusRuntimeException unchecked(StatusException e) {
        return e.getStatus().asRuntimeException(e.getTrailers());
    }

    static StatusRuntimeException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return Status.CANCELLED.withDescription("interrupted").withCause(e).asRuntimeException();
    }

    private static <T> T understood(Supplier<T> call) {
        try {
            return call.get();
        } catch (IllegalArgumentException e) {
            throw Status.INTERNAL
                    .withDescription("the server's answer cannot be understood: " + e.getMessage())
                    .withCause(e)
                    .asRuntimeException();
        }
    }
}
