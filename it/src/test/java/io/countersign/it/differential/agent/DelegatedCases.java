// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.agent;

import io.countersign.agentapi.delegated.FetchJWTSVIDsRequest;
import io.countersign.agentapi.delegated.FetchJWTSVIDsResponse;
import io.countersign.agentapi.delegated.SubscribeToJWTBundlesRequest;
import io.countersign.agentapi.delegated.SubscribeToJWTBundlesResponse;
import io.countersign.agentapi.delegated.SubscribeToX509BundlesRequest;
import io.countersign.agentapi.delegated.SubscribeToX509BundlesResponse;
import io.countersign.agentapi.delegated.SubscribeToX509SVIDsRequest;
import io.countersign.agentapi.delegated.SubscribeToX509SVIDsResponse;
import io.countersign.it.differential.agent.Callers.Pair;
import io.countersign.serverapi.types.Selector;
import java.util.List;

/** What delegates ask, and what comes of it. */
final class DelegatedCases {
    /** Of a workload that is not there. */
    private static final int UID = 75000;

    private DelegatedCases() {}

    @FunctionalInterface
    interface Script {
        void run(DelegatedCalls calls) throws Exception;
    }

    /** A row of the table. */
    record Case(String name, Script script) {
        @Override
        public String toString() {
            return name;
        }
    }

    static List<Case> all() {
        return List.of(
                new Case(
                        "nobody",
                        calls -> svids(calls, selectors("unix", "uid:" + UID)).await(1)),
                new Case("no delegate", calls -> {
                    calls.register(calls.entry("other", "/other", DelegatedCalls.ME));
                    calls.await("not configured");
                    svids(calls, selectors("unix", "uid:" + UID)).await(1);
                    x509(calls).await(1);
                    jwt(calls).await(1);
                    tokens(calls, token().addSelectors(selector("unix", "uid:" + UID)))
                            .await(1);
                }),
                delegate(
                        "selectors",
                        calls -> svids(calls, selectors("unix", "uid:" + UID)).await("certificate 1")),
                delegate(
                        "selectors of nobody",
                        calls -> svids(calls, selectors("unix", "uid:1")).await(1)),
                delegate(
                        "more selectors than needed",
                        calls -> svids(
                                        calls,
                                        SubscribeToX509SVIDsRequest.newBuilder()
                                                .addSelectors(selector("k8s", "ns:default"))
                                                .addSelectors(selector("unix", "uid:" + UID)))
                                .await("certificate 1")),
                delegate(
                        "selector without a type",
                        calls -> svids(calls, selectors("", "uid:1")).await(1)),
                delegate(
                        "selector with a colon in its type",
                        calls -> svids(calls, selectors("a:b", "c")).await(1)),
                delegate(
                        "selector without a value",
                        calls -> svids(calls, selectors("unix", "")).await(1)),
                delegate(
                        "neither",
                        calls -> svids(calls, SubscribeToX509SVIDsRequest.newBuilder())
                                .await(1)),
                delegate(
                        "both",
                        calls -> svids(calls, selectors("unix", "uid:" + UID).setPid(1))
                                .await(1)),
                delegate(
                        "a process",
                        calls ->
                                svids(calls, pid(ProcessHandle.current().pid())).await("certificate 1")),
                delegate(
                        "a process that is not there",
                        calls -> svids(calls, pid(Integer.MAX_VALUE)).await(1)),
                delegate("hint and federation", calls -> {
                    calls.keep(Received.Kept.FIRST_AND_LAST);
                    var states = svids(calls, selectors("unix", "uid:" + UID));
                    states.await("certificate 1");
                    calls.update(calls.entry("workload", "/workload", UID)
                            .setHint("blue")
                            .addFederatesWith(calls.partner().trustDomain()));
                    states.await("spiffe://partner.example");
                    states.await("certificate 2");
                }),
                delegate("the workload is deleted", calls -> {
                    calls.keep(Received.Kept.FIRST_AND_LAST);
                    var states = svids(calls, selectors("unix", "uid:" + UID));
                    states.await("certificate 1");
                    calls.delete("workload");
                    states.await(2);
                }),
                new Case("an administrator", calls -> {
                    calls.beDelegate();
                    calls.register(calls.entry("workload", "/workload", UID).setAdmin(true));
                    calls.register(calls.entry("second", "/second", UID));
                    calls.awaitWorkload(UID);
                    svids(calls, selectors("unix", "uid:" + UID)).await("/second");
                }),
                delegate(
                        "tokens",
                        calls -> tokens(calls, token().addSelectors(selector("unix", "uid:" + UID)))
                                .await(2)),
                delegate(
                        "tokens by process",
                        calls -> tokens(
                                        calls,
                                        token().setPid(Math.toIntExact(
                                                ProcessHandle.current().pid())))
                                .await(2)),
                delegate(
                        "tokens of nobody",
                        calls -> tokens(calls, token().addSelectors(selector("unix", "uid:1")))
                                .await(1)),
                delegate(
                        "tokens for no audience",
                        calls -> tokens(
                                        calls,
                                        FetchJWTSVIDsRequest.newBuilder().addSelectors(selector("unix", "uid:" + UID)))
                                .await(1)),
                delegate("tokens of neither", calls -> tokens(calls, token()).await(1)),
                delegate("bundles", calls -> {
                    calls.keep(Received.Kept.FIRST_AND_LAST);
                    var x509 = x509(calls);
                    var jwt = jwt(calls);
                    x509.await(1);
                    jwt.await(1);
                    calls.update(calls.entry("workload", "/workload", UID)
                            .addFederatesWith(calls.partner().trustDomain()));
                    x509.await("spiffe://partner.example");
                    jwt.await("spiffe://partner.example");
                }));
    }

    /** With a workload of uid {@link #UID} to act for. */
    private static Case delegate(String name, Script script) {
        return new Case(name, calls -> {
            calls.beDelegate();
            calls.register(calls.entry("workload", "/workload", UID));
            calls.awaitWorkload(UID);
            script.run(calls);
        });
    }

    private static Selector selector(String type, String value) {
        return Selector.newBuilder().setType(type).setValue(value).build();
    }

    private static SubscribeToX509SVIDsRequest.Builder selectors(String type, String value) {
        return SubscribeToX509SVIDsRequest.newBuilder().addSelectors(selector(type, value));
    }

    private static SubscribeToX509SVIDsRequest.Builder pid(long pid) {
        return SubscribeToX509SVIDsRequest.newBuilder().setPid(Math.toIntExact(pid));
    }

    private static FetchJWTSVIDsRequest.Builder token() {
        return FetchJWTSVIDsRequest.newBuilder().addAudience("a");
    }

    private static Pair<SubscribeToX509SVIDsResponse> svids(
            DelegatedCalls calls, SubscribeToX509SVIDsRequest.Builder request) {
        return calls.ask(
                "svids", Words::delegated, (stub, received) -> stub.subscribeToX509SVIDs(request.build(), received));
    }

    private static Pair<FetchJWTSVIDsResponse> tokens(DelegatedCalls calls, FetchJWTSVIDsRequest.Builder request) {
        return calls.ask("tokens", Words::delegated, (stub, received) -> stub.fetchJWTSVIDs(request.build(), received));
    }

    private static Pair<SubscribeToX509BundlesResponse> x509(DelegatedCalls calls) {
        return calls.ask(
                "x509",
                Words::delegated,
                (stub, received) ->
                        stub.subscribeToX509Bundles(SubscribeToX509BundlesRequest.getDefaultInstance(), received));
    }

    private static Pair<SubscribeToJWTBundlesResponse> jwt(DelegatedCalls calls) {
        return calls.ask(
                "jwt",
                Words::delegated,
                (stub, received) ->
                        stub.subscribeToJWTBundles(SubscribeToJWTBundlesRequest.getDefaultInstance(), received));
    }
}
