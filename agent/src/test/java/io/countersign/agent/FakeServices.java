// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent;

import com.google.protobuf.ByteString;
import io.countersign.rpc.Peer;
import io.countersign.serverapi.agent.AgentGrpc;
import io.countersign.serverapi.agent.AttestAgentRequest;
import io.countersign.serverapi.agent.AttestAgentResponse;
import io.countersign.serverapi.agent.PostStatusRequest;
import io.countersign.serverapi.agent.PostStatusResponse;
import io.countersign.serverapi.agent.RenewAgentRequest;
import io.countersign.serverapi.agent.RenewAgentResponse;
import io.countersign.serverapi.bundle.BundleGrpc;
import io.countersign.serverapi.bundle.GetBundleRequest;
import io.countersign.serverapi.bundle.GetFederatedBundleRequest;
import io.countersign.serverapi.entry.EntryGrpc;
import io.countersign.serverapi.entry.EntryRevision;
import io.countersign.serverapi.entry.SyncAuthorizedEntriesRequest;
import io.countersign.serverapi.entry.SyncAuthorizedEntriesResponse;
import io.countersign.serverapi.svid.BatchNewX509SVIDRequest;
import io.countersign.serverapi.svid.BatchNewX509SVIDResponse;
import io.countersign.serverapi.svid.NewJWTSVIDRequest;
import io.countersign.serverapi.svid.NewJWTSVIDResponse;
import io.countersign.serverapi.svid.SVIDGrpc;
import io.countersign.serverapi.types.Bundle;
import io.countersign.serverapi.types.Entry;
import io.countersign.serverapi.types.JWTSVID;
import io.countersign.serverapi.types.X509SVID;
import io.countersign.serverapi.watch.WatchGrpc;
import io.countersign.serverapi.watch.WatchNodeRequest;
import io.countersign.serverapi.watch.WatchNodeResponse;
import io.countersign.spiffe.SpiffeId;
import io.countersign.spiffe.TrustDomain;
import io.countersign.spiffe.x509.X509SvidValidator;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequest;

/** The services of a {@link FakeServer}. */
final class FakeServices {
    static final Duration TTL = Duration.ofHours(1);
    private static final int PAGE = 500;

    private FakeServices() {}

    static List<ServerServiceDefinition> of(FakeServer server) {
        return List.of(
                new Agents(server).bindService(),
                new Svids(server).bindService(),
                new Bundles(server).bindService(),
                new Entries(server).bindService(),
                new Watches(server).bindService());
    }

    private static X509SVID sign(FakeServer server, SpiffeId id, ByteString csr) {
        try {
            var key = new JcaPKCS10CertificationRequest(csr.toByteArray()).getPublicKey();
            return X509SVID.newBuilder()
                    .setId(FakeServer.message(id))
                    .addCertChain(FakeServer.der(server.domain.sign(id, key, TTL)))
                    .build();
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static <T> void answer(StreamObserver<T> caller, T message) {
        caller.onNext(message);
        caller.onCompleted();
    }

    private static Optional<SpiffeId> caller() {
        return Peer.current() instanceof Peer.Mtls mtls
                ? Optional.of(X509SvidValidator.idOf(mtls.chain().getFirst()))
                : Optional.empty();
    }

    private static final class Agents extends AgentGrpc.AgentImplBase {
        private final FakeServer server;

        Agents(FakeServer server) {
            this.server = server;
        }

        @Override
        public StreamObserver<AttestAgentRequest> attestAgent(StreamObserver<AttestAgentResponse> caller) {
            return new StreamObserver<>() {
                private Optional<NodeJudge> judge = Optional.empty();
                private ByteString csr = ByteString.EMPTY;

                @Override
                public void onNext(AttestAgentRequest request) {
                    if (server.unproven().isPresent()) {
                        caller.onError(server.unproven().get().asRuntimeException());
                        return;
                    }
                    if (judge.isPresent()) {
                        judge.get().judge(request.getChallengeResponse());
                        admit("/spire/agent/proven/node", csr, true, caller);
                        return;
                    }
                    csr = request.getParams().getParams().getCsr();
                    judge = NodeJudge.of(request.getParams());
                    if (judge.isEmpty()) {
                        attest(request.getParams(), caller);
                    } else if (judge.get().challenge().isPresent()) {
                        caller.onNext(AttestAgentResponse.newBuilder()
                                .setChallenge(judge.get().challenge().get())
                                .build());
                    } else {
                        admit("/spire/agent/proven/node", csr, true, caller);
                    }
                }

                @Override
                public void onError(Throwable cancelled) {}

                @Override
                public void onCompleted() {}
            };
        }

        private void attest(AttestAgentRequest.Params params, StreamObserver<AttestAgentResponse> caller) {
            var token = params.getData().getPayload().toStringUtf8();
            if (!params.getData().getType().equals("join_token") || !server.tokens.remove(token)) {
                caller.onError(Status.PERMISSION_DENIED
                        .withDescription("failed to attest: join token does not exist or has already been used")
                        .asRuntimeException());
                return;
            }
            admit("/spire/agent/join_token/" + token, params.getParams().getCsr(), false, caller);
        }

        private void admit(
                String path, ByteString csr, boolean reattestable, StreamObserver<AttestAgentResponse> caller) {
            server.attested();
            answer(
                    caller,
                    AttestAgentResponse.newBuilder()
                            .setResult(AttestAgentResponse.Result.newBuilder()
                                    .setSvid(sign(server, server.domain.id(path), csr))
                                    .setReattestable(reattestable))
                            .build());
        }

        @Override
        public void renewAgent(RenewAgentRequest request, StreamObserver<RenewAgentResponse> caller) {
            server.renewals.incrementAndGet();
            var svid = sign(server, caller().orElseThrow(), request.getParams().getCsr());
            answer(caller, RenewAgentResponse.newBuilder().setSvid(svid).build());
        }

        @Override
        public void postStatus(PostStatusRequest request, StreamObserver<PostStatusResponse> caller) {
            server.versions.add(request.getAgentVersion());
            answer(caller, PostStatusResponse.getDefaultInstance());
        }
    }

    private static final class Svids extends SVIDGrpc.SVIDImplBase {
        private final FakeServer server;

        Svids(FakeServer server) {
            this.server = server;
        }

        private Entry entry(String id) {
            return server.entries.getOrDefault(id, Entry.getDefaultInstance());
        }

        private SpiffeId id(Entry entry) {
            return SpiffeId.of(
                    new TrustDomain(entry.getSpiffeId().getTrustDomain()),
                    server.signedAs.getOrDefault(
                            entry.getId(), entry.getSpiffeId().getPath()));
        }

        @Override
        public void batchNewX509SVID(BatchNewX509SVIDRequest batch, StreamObserver<BatchNewX509SVIDResponse> caller) {
            server.beforeSigning.run();
            var response = BatchNewX509SVIDResponse.newBuilder();
            for (var each : batch.getParamsList()) {
                server.signed.add(each.getEntryId());
                var result = response.addResultsBuilder();
                if (server.unreadable.contains(each.getEntryId())) {
                    result.getSvidBuilder()
                            .setId(FakeServer.message(id(entry(each.getEntryId()))))
                            .addCertChain(ByteString.copyFromUtf8("no certificate"));
                } else if (server.entries.containsKey(each.getEntryId())) {
                    result.setSvid(sign(server, id(entry(each.getEntryId())), each.getCsr()));
                } else {
                    result.getStatusBuilder().setCode(Status.Code.NOT_FOUND.value());
                }
            }
            answer(caller, response.build());
        }

        @Override
        public void newJWTSVID(NewJWTSVIDRequest request, StreamObserver<NewJWTSVIDResponse> caller) {
            server.tokensIssued.incrementAndGet();
            var id = id(entry(request.getEntryId()));
            var token = server.domain.token(id, request.getAudienceList(), Optional.empty());
            var svid = JWTSVID.newBuilder().setToken(token).setId(FakeServer.message(id));
            answer(caller, NewJWTSVIDResponse.newBuilder().setSvid(svid).build());
        }
    }

    private static final class Bundles extends BundleGrpc.BundleImplBase {
        private final FakeServer server;

        Bundles(FakeServer server) {
            this.server = server;
        }

        @Override
        public void getBundle(GetBundleRequest request, StreamObserver<Bundle> caller) {
            answer(caller, server.ownMessage());
        }

        @Override
        public void getFederatedBundle(GetFederatedBundleRequest request, StreamObserver<Bundle> caller) {
            var bundle = Optional.ofNullable(server.federated.get(request.getTrustDomain()));
            var said = Optional.ofNullable(server.saidOfFederated.get(request.getTrustDomain()));
            if (said.isPresent()) {
                answer(caller, said.get());
            } else if (bundle.isPresent()) {
                answer(caller, FakeServer.message(bundle.get()));
            } else {
                caller.onError(Status.NOT_FOUND.asRuntimeException());
            }
        }
    }

    private static final class Entries extends EntryGrpc.EntryImplBase {
        private final FakeServer server;

        Entries(FakeServer server) {
            this.server = server;
        }

        @Override
        public StreamObserver<SyncAuthorizedEntriesRequest> syncAuthorizedEntries(
                StreamObserver<SyncAuthorizedEntriesResponse> caller) {
            if (Peer.current() instanceof Peer.Mtls mtls) {
                server.callers.add(mtls.chain().getFirst());
            }
            return new StreamObserver<>() {
                private boolean begun;

                @Override
                public void onNext(SyncAuthorizedEntriesRequest request) {
                    if (begun) {
                        server.fetched.addAll(request.getIdsList());
                        pages(request.getIdsList(), caller);
                    } else {
                        begun = true;
                        first(caller);
                    }
                }

                @Override
                public void onError(Throwable cancelled) {}

                @Override
                public void onCompleted() {
                    caller.onCompleted();
                }
            };
        }

        private void first(StreamObserver<SyncAuthorizedEntriesResponse> caller) {
            var all = new ArrayList<>(server.entries.values());
            if (all.size() <= PAGE) {
                caller.onNext(SyncAuthorizedEntriesResponse.newBuilder()
                        .addAllEntries(all)
                        .build());
                return;
            }
            for (int from = 0; from < all.size(); from += PAGE) {
                int to = Math.min(all.size(), from + PAGE);
                var page = SyncAuthorizedEntriesResponse.newBuilder().setMore(to < all.size());
                all.subList(from, to)
                        .forEach(entry -> page.addEntryRevisions(EntryRevision.newBuilder()
                                .setId(entry.getId())
                                .setRevisionNumber(entry.getRevisionNumber())
                                .setCreatedAt(entry.getCreatedAt())));
                caller.onNext(page.build());
            }
        }

        /** In pages of a few, so that more than one comes for a request. */
        private void pages(List<String> ids, StreamObserver<SyncAuthorizedEntriesResponse> caller) {
            int size = 200;
            for (int from = 0; from < ids.size(); from += size) {
                int to = Math.min(ids.size(), from + size);
                var page = SyncAuthorizedEntriesResponse.newBuilder().setMore(to < ids.size());
                for (var id : ids.subList(from, to)) {
                    Optional.ofNullable(server.entries.get(id)).ifPresent(page::addEntries);
                }
                caller.onNext(page.build());
            }
        }
    }

    private static final class Watches extends WatchGrpc.WatchImplBase {
        private final FakeServer server;

        Watches(FakeServer server) {
            this.server = server;
        }

        @Override
        public void watchNode(WatchNodeRequest request, StreamObserver<WatchNodeResponse> caller) {
            if (!server.pushes) {
                caller.onError(Status.UNIMPLEMENTED.asRuntimeException());
                return;
            }
            server.watching.add(entriesOnly -> caller.onNext(
                    WatchNodeResponse.newBuilder().setEntriesOnly(entriesOnly).build()));
            server.watchEnds.add(status -> {
                if (status.isOk()) {
                    caller.onCompleted();
                } else {
                    caller.onError(status.asRuntimeException());
                }
            });
        }
    }
}
