// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.agent;

import io.countersign.it.differential.agent.Callers.Pair;
import io.countersign.workloadapi.proto.SpiffeWorkloadAPIGrpc.SpiffeWorkloadAPIStub;
import io.countersign.workloadapi.proto.X509SVIDRequest;
import io.countersign.workloadapi.proto.X509SVIDResponse;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** FetchX509SVID: what is there at once, and what comes after each change. */
final class SvidCases {
    private static final String NOBODY = "no identity issued";

    private SvidCases() {}

    static List<CallCase> all() {
        return List.of(
                new CallCase("x509: no identity", caller -> follow(caller).await(1)),
                new CallCase("x509: one identity", caller -> {
                    caller.register(caller.entry("a", "/one"));
                    first(caller).await("certificate 1");
                }),
                new CallCase("x509: two identities, by the id of their entries", caller -> {
                    caller.register(caller.entry("b", "/aaa"));
                    caller.register(caller.entry("a", "/zzz"));
                    first(caller).await("certificate 2");
                }),
                new CallCase("x509: hints", caller -> {
                    caller.register(caller.entry("a", "/one").setHint("blue"));
                    caller.register(caller.entry("b", "/two").setHint("green"));
                    first(caller).await("certificate 2");
                }),
                new CallCase("x509: names and lifetime of the entry", caller -> {
                    caller.register(caller.entry("a", "/one")
                            .setX509SvidTtl(600)
                            .addDnsNames("one.example.org")
                            .addDnsNames("two.example.org"));
                    first(caller).await("certificate 1");
                }),
                new CallCase("x509: federates", caller -> {
                    caller.register(caller.entry("a", "/one")
                            .addFederatesWith(caller.partner().trustDomain()));
                    first(caller).await("spiffe://partner.example");
                }),
                new CallCase("x509: for other programs", caller -> {
                    caller.register(caller.entry("a", "/one").setStoreSvid(true));
                    follow(caller).await(1);
                }),
                new CallCase("x509: an administrator", caller -> {
                    caller.register(caller.entry("a", "/one").setAdmin(true).setDownstream(true));
                    first(caller).await("certificate 1");
                }),
                changed("x509: another is registered", caller -> caller.register(caller.entry("b", "/two")), "/two"),
                changed(
                        "x509: the hint changes",
                        caller -> caller.update(caller.entry("a", "/one").setHint("new")),
                        "new"),
                changed(
                        "x509: a name is added",
                        caller -> caller.update(caller.entry("a", "/one").addDnsNames("n.example.org")),
                        "n.example.org"),
                changed(
                        "x509: the lifetime changes",
                        caller -> caller.update(caller.entry("a", "/one").setX509SvidTtl(600)),
                        "certificate 2"),
                changed("x509: the ID changes", caller -> caller.update(caller.entry("a", "/other")), "/other"),
                changed(
                        "x509: it begins to federate",
                        caller -> caller.update(caller.entry("a", "/one")
                                .addFederatesWith(caller.partner().trustDomain())),
                        "partner.example"),
                changed("x509: the last is deleted", caller -> caller.delete("a"), NOBODY),
                changed(
                        "x509: it goes to another user",
                        caller -> caller.update(caller.entry("a", "/one")
                                .clearSelectors()
                                .addSelectors(caller.server().entry("/x", 1).getSelectors(0))),
                        NOBODY),
                new CallCase("x509: it federates no more", caller -> {
                    caller.keep(Received.Kept.FIRST_AND_LAST);
                    caller.register(caller.entry("a", "/one")
                            .addFederatesWith(caller.partner().trustDomain()));
                    var states = first(caller);
                    states.await("partner.example");
                    caller.update(caller.entry("a", "/one"));
                    states.await("certificate 2");
                }),
                new CallCase("x509: one of two is deleted", caller -> {
                    caller.register(caller.entry("a", "/one"));
                    caller.register(caller.entry("b", "/two"));
                    var states = first(caller);
                    states.await("/two");
                    caller.delete("a");
                    states.await(2);
                }),
                new CallCase("x509: renewed", caller -> {
                    caller.keep(Received.Kept.FIRST_TWO);
                    caller.register(caller.entry("a", "/one").setX509SvidTtl(12));
                    first(caller).await(2);
                }),
                new CallCase("x509: the authority is tainted", SvidCases::taint));
    }

    private static Pair<X509SVIDResponse> follow(Callers caller) {
        return caller.ask(
                "svids",
                Words::svids,
                (stub, received) -> stub.fetchX509SVID(X509SVIDRequest.getDefaultInstance(), received));
    }

    /** Once both agents know of the entries. */
    private static Pair<X509SVIDResponse> first(Callers caller) throws Exception {
        caller.awaitEntries();
        return follow(caller);
    }

    private static CallCase changed(String name, CallCase.Script change, String until) {
        return new CallCase(name, caller -> {
            caller.keep(Received.Kept.FIRST_AND_LAST);
            caller.register(caller.entry("a", "/one"));
            var states = first(caller);
            states.await("certificate 1");
            change.run(caller);
            states.await(until);
            if (!until.equals(NOBODY)) {
                states.await("certificate 2");
            }
        });
    }

    /** As every client does; the original now and then ends a stream while it replaces what a tainted authority has signed. */
    private static void askOn(SpiffeWorkloadAPIStub stub, StreamObserver<X509SVIDResponse> received) {
        stub.fetchX509SVID(X509SVIDRequest.getDefaultInstance(), new StreamObserver<>() {
            @Override
            public void onNext(X509SVIDResponse response) {
                received.onNext(response);
            }

            @Override
            public void onError(Throwable failure) {
                if (Status.fromThrowable(failure).getCode() == Status.Code.PERMISSION_DENIED) {
                    CompletableFuture.delayedExecutor(100, TimeUnit.MILLISECONDS)
                            .execute(() -> askOn(stub, received));
                } else {
                    received.onError(failure);
                }
            }

            @Override
            public void onCompleted() {
                received.onCompleted();
            }
        });
    }

    private static void taint(Callers caller) throws Exception {
        caller.keep(Received.Kept.FIRST_AND_LAST);
        caller.register(caller.entry("a", "/one"));
        caller.awaitEntries();
        Pair<X509SVIDResponse> states = caller.receive("svids", Words::svids, (side, received) -> {
            var stub = caller.stub(side, List.of("true"));
            switch (side) {
                case OURS -> stub.fetchX509SVID(X509SVIDRequest.getDefaultInstance(), received);
                case ORIGINAL -> askOn(stub, received);
            }
        });
        states.await("certificate 1");
        var server = caller.server();
        var old = server.authority("show", "active");
        server.authority("prepare", "prepared_authority");
        var prepared = server.authority("show", "prepared");
        states.await("authority 2");
        server.command("localauthority", "x509", "activate", "-authorityID", prepared);
        server.command("localauthority", "x509", "taint", "-authorityID", old);
        states.await("certificate 2");
    }
}
