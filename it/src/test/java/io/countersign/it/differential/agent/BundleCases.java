// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.agent;

import io.countersign.it.differential.agent.Callers.Pair;
import io.countersign.workloadapi.proto.JWTBundlesRequest;
import io.countersign.workloadapi.proto.JWTBundlesResponse;
import io.countersign.workloadapi.proto.X509BundlesRequest;
import io.countersign.workloadapi.proto.X509BundlesResponse;
import java.util.List;

/** FetchX509Bundles and FetchJWTBundles. */
final class BundleCases {
    private static final String PARTNER = "partner.example";

    private BundleCases() {}

    static List<CallCase> all() {
        return List.of(
                new CallCase("bundles: no identity", caller -> {
                    x509(caller).await(1);
                    jwt(caller).await(1);
                }),
                new CallCase("bundles: own", caller -> {
                    caller.register(caller.entry("a", "/one"));
                    caller.awaitEntries();
                    x509(caller).await(1);
                    jwt(caller).await(1);
                }),
                new CallCase("bundles: federated", caller -> {
                    federated(caller);
                    caller.awaitEntries();
                    x509(caller).await(PARTNER);
                    jwt(caller).await(PARTNER);
                }),
                new CallCase("bundles: it begins to federate, and ends", caller -> {
                    caller.register(caller.entry("a", "/one"));
                    caller.awaitEntries();
                    var x509 = x509(caller);
                    var jwt = jwt(caller);
                    x509.await(1);
                    jwt.await(1);
                    caller.update(caller.entry("a", "/one").addFederatesWith(PARTNER));
                    x509.await(PARTNER);
                    jwt.await(PARTNER);
                    caller.update(caller.entry("a", "/one"));
                    x509.await(3);
                    jwt.await(3);
                }),
                new CallCase("bundles: a change that does not concern them", caller -> {
                    caller.register(caller.entry("a", "/one"));
                    caller.awaitEntries();
                    var x509 = x509(caller);
                    var jwt = jwt(caller);
                    x509.await(1);
                    jwt.await(1);
                    caller.register(caller.entry("b", "/two"));
                    caller.awaitEntries();
                }),
                new CallCase("bundles: the last identity is deleted", caller -> {
                    caller.register(caller.entry("a", "/one"));
                    caller.awaitEntries();
                    var x509 = x509(caller);
                    var jwt = jwt(caller);
                    x509.await(1);
                    jwt.await(1);
                    caller.delete("a");
                    x509.await("no identity issued");
                    jwt.await("no identity issued");
                }),
                new CallCase("bundles: a new key of the server", caller -> {
                    caller.register(caller.entry("a", "/one"));
                    caller.awaitEntries();
                    var jwt = jwt(caller);
                    jwt.await(1);
                    caller.server().command("localauthority", "jwt", "prepare");
                    jwt.await(2);
                }));
    }

    private static void federated(Callers caller) {
        caller.register(caller.entry("a", "/one").addFederatesWith(PARTNER));
    }

    static Pair<X509BundlesResponse> x509(Callers caller) {
        return caller.ask(
                "x509 bundles",
                Words::bundles,
                (stub, received) -> stub.fetchX509Bundles(X509BundlesRequest.getDefaultInstance(), received));
    }

    static Pair<JWTBundlesResponse> jwt(Callers caller) {
        return caller.ask(
                "jwt bundles",
                Words::bundlesOfTokens,
                (stub, received) -> stub.fetchJWTBundles(JWTBundlesRequest.getDefaultInstance(), received));
    }
}
