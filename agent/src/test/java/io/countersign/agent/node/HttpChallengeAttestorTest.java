// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.node;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.countersign.agent.config.AgentConfig.NodeAttestorConfig.HttpChallenge;
import java.net.InetAddress;
import java.net.ServerSocket;
import org.junit.jupiter.api.Test;

final class HttpChallengeAttestorTest {
    @Test
    void portOfAnAttemptThatWasNeverChallengedIsFreeForTheNext() throws Exception {
        int port;
        try (var listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = listener.getLocalPort();
        }
        var attestor = new HttpChallengeAttestor(new HttpChallenge("localhost", "default", port, 0));
        for (int attempt = 0; attempt < 3; attempt++) {
            try (var proof = attestor.proof()) {
                assertEquals("http_challenge", proof.attestor());
            }
        }
    }
}
