// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.sidecar;

import java.io.IOException;
import java.util.Map;

/** The servers behind both sidecars. */
record Upstreams(
        Upstream plain, Upstream good, Upstream other, Upstream foreign, Upstream expired, Talker talker, int refused)
        implements AutoCloseable {
    static Upstreams open(Ground ground) throws IOException {
        return new Upstreams(
                Upstream.plain(),
                Upstream.secure(ground.mint(Ground.BACKEND, "backend.test")),
                Upstream.secure(ground.mint("spiffe://example.org/other")),
                Upstream.secure(ground.stranger.issue(Authority.Leaf.of(Ground.BACKEND))),
                Upstream.secure(ground.mintExpired(Ground.BACKEND)),
                Talker.open(),
                Ports.free());
    }

    /** What stands in the file's places that are the same for both sidecars. */
    Map<String, String> values(Ground ground) {
        return Map.of(
                "upstream", String.valueOf(plain.port()),
                "good", String.valueOf(good.port()),
                "other", String.valueOf(other.port()),
                "foreign", String.valueOf(foreign.port()),
                "expired", String.valueOf(expired.port()),
                "talker", String.valueOf(talker.port()),
                "refused", String.valueOf(refused),
                "backend", Ground.BACKEND,
                "frontend", Ground.FRONTEND,
                "agent", ground.agentSocket().toString());
    }

    @Override
    public void close() throws IOException {
        for (var upstream : java.util.List.of(plain, good, other, foreign, expired)) {
            upstream.close();
        }
        talker.close();
    }
}
