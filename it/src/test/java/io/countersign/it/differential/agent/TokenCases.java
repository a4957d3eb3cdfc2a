// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.agent;

import io.countersign.it.differential.agent.Callers.Pair;
import io.countersign.workloadapi.proto.JWTSVIDRequest;
import io.countersign.workloadapi.proto.JWTSVIDResponse;
import java.util.List;

/** FetchJWTSVID. */
final class TokenCases {
    private static final JWTSVIDRequest ONE =
            JWTSVIDRequest.newBuilder().addAudience("a").build();

    private TokenCases() {}

    static List<CallCase> all() {
        return List.of(
                new CallCase("jwt: no identity", caller -> fetch(caller, ONE)),
                registered("jwt: one audience", ONE),
                registered(
                        "jwt: several audiences",
                        ONE.toBuilder().addAudience("c").addAudience("b").build()),
                registered(
                        "jwt: one audience twice",
                        ONE.toBuilder().addAudience("a").build()),
                registered("jwt: no audience", JWTSVIDRequest.getDefaultInstance()),
                registered(
                        "jwt: an empty audience",
                        JWTSVIDRequest.newBuilder().addAudience("").build()),
                registered(
                        "jwt: an empty audience beside another",
                        ONE.toBuilder().addAudience("").build()),
                registered("jwt: for its ID", named("spiffe://example.org/one")),
                registered("jwt: for the ID of another", named("spiffe://example.org/other")),
                registered("jwt: for an ID elsewhere", named("spiffe://partner.example/one")),
                registered("jwt: for no ID", named("one")),
                registered("jwt: for an ID of another scheme", named("https://example.org/one")),
                registered("jwt: for an ID with a wrong path", named("spiffe://example.org/one/")),
                registered("jwt: for an ID in capital letters", named("spiffe://EXAMPLE.org/one")),
                new CallCase("jwt: two identities", caller -> {
                    caller.register(caller.entry("b", "/aaa").setHint("blue"));
                    caller.register(caller.entry("a", "/zzz"));
                    caller.awaitEntries();
                    fetch(caller, ONE);
                }),
                new CallCase("jwt: lifetime of the entry", caller -> {
                    // a path of its own: by path the original keeps its tokens
                    caller.register(caller.entry("a", "/short").setJwtSvidTtl(77));
                    caller.awaitEntries();
                    fetch(caller, ONE);
                }),
                new CallCase("jwt: deleted", caller -> {
                    caller.register(caller.entry("a", "/one"));
                    caller.awaitEntries();
                    caller.delete("a");
                    caller.awaitEntries();
                    fetch(caller, ONE);
                }));
    }

    private static JWTSVIDRequest named(String id) {
        return ONE.toBuilder().setSpiffeId(id).build();
    }

    private static CallCase registered(String name, JWTSVIDRequest request) {
        return new CallCase(name, caller -> {
            caller.register(caller.entry("a", "/one"));
            caller.awaitEntries();
            fetch(caller, request);
        });
    }

    private static Pair<JWTSVIDResponse> fetch(Callers caller, JWTSVIDRequest request) {
        return caller.once("tokens", Words::tokens, (stub, received) -> stub.fetchJWTSVID(request, received));
    }
}
