// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.agent;

import io.countersign.workloadapi.proto.ValidateJWTSVIDRequest;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** ValidateJWTSVID. */
final class ValidationCases {
    private static final String ID = "spiffe://example.org/minted";

    /** Makes the token that is to be judged. */
    @FunctionalInterface
    private interface Token {
        String of(Callers caller) throws Exception;
    }

    private ValidationCases() {}

    static List<CallCase> all() {
        return List.of(
                judged("validate: valid", "a", ValidationCases::minted),
                judged("validate: second audience", "b", ValidationCases::minted),
                judged("validate: other audience", "c", ValidationCases::minted),
                judged("validate: no audience", "", ValidationCases::minted),
                judged("validate: no token", "a", _ -> ""),
                judged("validate: no token at all", "a", _ -> "hello"),
                judged("validate: two parts", "a", caller -> minted(caller).replaceFirst("\\.[^.]*$", "")),
                judged("validate: four parts", "a", caller -> minted(caller) + ".x"),
                judged(
                        "validate: other signature",
                        "a",
                        caller -> minted(caller).replaceFirst("\\.[^.]*$", "." + "A".repeat(86))),
                judged(
                        "validate: other claims",
                        "a",
                        caller -> minted(caller).replaceFirst("\\.[^.]*\\.", "." + encoded("""
                        {"sub":"spiffe://example.org/other","aud":["a"],"exp":4000000000}""") + ".")),
                judged("validate: no algorithm", "a", caller -> header(caller, "{\"alg\":\"none\",\"typ\":\"JWT\"}")),
                judged("validate: shared secret", "a", caller -> header(caller, "{\"alg\":\"HS256\",\"kid\":\"x\"}")),
                judged("validate: no key id", "a", caller -> header(caller, "{\"alg\":\"ES256\",\"typ\":\"JWT\"}")),
                judged("validate: unknown key", "a", caller -> header(caller, "{\"alg\":\"ES256\",\"kid\":\"x\"}")),
                judged("validate: other type", "a", caller -> header(caller, "{\"alg\":\"ES256\",\"typ\":\"at+jwt\"}")),
                judged("validate: broken header", "a", caller -> header(caller, "{")),
                judged("validate: ended", "a", ValidationCases::ended),
                judged("validate: of a stranger", "a", ValidationCases::ofPartner),
                new CallCase("validate: of a partner", caller -> {
                    caller.register(caller.entry("a", "/one").addFederatesWith("partner.example"));
                    caller.awaitEntries();
                    judge(caller, "a", ofPartner(caller));
                }),
                new CallCase("validate: no identity", caller -> judge(caller, "a", minted(caller))));
    }

    private static CallCase judged(String name, String audience, Token token) {
        return new CallCase(name, caller -> {
            caller.register(caller.entry("a", "/one"));
            caller.awaitEntries();
            judge(caller, audience, token.of(caller));
        });
    }

    private static void judge(Callers caller, String audience, String token) {
        var request = ValidateJWTSVIDRequest.newBuilder()
                .setAudience(audience)
                .setSvid(token)
                .build();
        caller.once("verdict", Words::validated, (stub, received) -> stub.validateJWTSVID(request, received));
    }

    private static String minted(Callers caller) throws Exception {
        return caller.server()
                .command("jwt", "mint", "-spiffeID", ID, "-audience", "a", "-audience", "b")
                .strip();
    }

    private static String ended(Callers caller) throws Exception {
        var token = caller.server()
                .command("jwt", "mint", "-spiffeID", ID, "-audience", "a", "-ttl", "1s")
                .strip();
        LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(2));
        return token;
    }

    private static String ofPartner(Callers caller) throws Exception {
        return caller.partner()
                .command("jwt", "mint", "-spiffeID", "spiffe://partner.example/x", "-audience", "a")
                .strip();
    }

    private static String header(Callers caller, String json) throws Exception {
        return minted(caller).replaceFirst("^[^.]*", encoded(json));
    }

    private static String encoded(String json) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(json.getBytes(StandardCharsets.UTF_8));
    }
}
