// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.identity;

import static io.countersign.agent.TestDomain.HOME;

import io.countersign.agent.Eventually;
import io.countersign.agent.config.AgentConfig.Tokens;
import io.countersign.agent.server.Server;
import io.countersign.rpc.RpcChannels;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TokenRefreshTest {
    @TempDir
    private Path folder;

    private final AtomicInteger looks = new AtomicInteger();

    private Set<String> taintedKeys() {
        if (looks.incrementAndGet() == 1) {
            throw new IllegalStateException("as never before");
        }
        return Set.of();
    }

    @Test
    void oneFailureIsNotTheEnd() {
        var channel = RpcChannels.unix(folder.resolve("nobody.sock"));
        var tokens = new JwtSvids(new Server(channel), this::taintedKeys, Tokens.STANDARD, InstantSource.system());
        try (var _ = new TokenRefresh(tokens, new Snapshots(HOME)).start()) {
            Eventually.holds("it looks again", () -> looks.get() > 1);
        } finally {
            channel.shutdownNow();
        }
    }
}
