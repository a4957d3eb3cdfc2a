// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.sidecar;

import java.time.Instant;
import java.util.List;

/** Tokens of workloads, whose keys ours has from the agent and Envoy from its file. */
final class SvidTokenCases {
    private final long now = Instant.now().getEpochSecond();
    private final String soon = ",'exp':" + (now + 3600);
    private final String valid = "{'sub':'" + Ground.FRONTEND + "','aud':['app'],'iat':" + now + soon + "}";
    private final Ruled ruled;
    private final WorkloadTokens tokens;

    private SvidTokenCases(Ruled ruled) {
        this.ruled = ruled;
        this.tokens = ruled.tokens();
    }

    static List<Case> all(Ruled ruled) {
        var cases = new SvidTokenCases(ruled);
        return cases.cases();
    }

    private List<Case> cases() {
        return List.of(
                bearer("minted", tokens.minted(Ground.FRONTEND, "app")),
                bearer("minted for another audience", tokens.minted(Ground.FRONTEND, "other")),
                bearer("one audience of several", tokens.signed(valid.replace("['app']", "['other','app']"))),
                bearer("audience that is no list", tokens.signed(valid.replace("['app']", "'app'"))),
                bearer("no audience", tokens.signed(valid.replace("'aud':['app'],", ""))),
                bearer("expired", tokens.signed(valid.replace(soon, ",'exp':" + (now - 3600)))),
                bearer("forged", tokens.forged(valid)),
                bearer("not yet valid", tokens.signed(valid.replace(soon, ",'nbf':" + (now + 3600) + soon))),
                bearer("no end", tokens.signed(valid.replace(soon, ""))),
                bearer("subject that is no ID", tokens.signed(valid.replace(Ground.FRONTEND, "ann"))),
                bearer("subject of another trust domain", tokens.signed(valid.replace("example.org", "other.test"))),
                bearer("subject of the partner", tokens.signed(valid.replace("example.org", Ground.PARTNER))),
                bearer("no subject", tokens.signed(valid.replace("'sub':'" + Ground.FRONTEND + "',", ""))));
    }

    private Case bearer(String name, String token) {
        var visit = Visit.plain("svid", "GET / HTTP/1.1\nhost: app.test\nauthorization: Bearer " + token + "\n\n");
        return Case.of(
                "JWT-SVID: " + name, main -> visit.ask(ruled.of(main.side()).sidecar()));
    }
}
