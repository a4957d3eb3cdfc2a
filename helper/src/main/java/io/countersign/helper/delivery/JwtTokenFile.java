// SPDX-License-Identifier: Apache-2.0
package io.countersign.helper.delivery;

import io.countersign.spiffe.jwt.JwtSvid;
import io.countersign.spiffe.jwt.JwtSvidException;
import io.countersign.workloadapi.WorkloadApiClient;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A file that holds one JWT-SVID in compact form, without a line feed.
 *
 * @param audiences at least one; asked for in this order
 * @param hint which of several identities; empty for the default one
 */
public record JwtTokenFile(Path file, FileMode mode, List<String> audiences, String hint) {
    /** @throws IllegalArgumentException without an audience */
    public JwtTokenFile {
        audiences = List.copyOf(audiences);
        if (audiences.isEmpty()) {
            throw new IllegalArgumentException("no audience for " + file + ", expected at least one");
        }
    }

    /** Asks the agent for a token and writes it; blocks until the answer is there or the client's time-out is over. */
    public JwtSvid renew(WorkloadApiClient client) throws DeliveryException {
        var token = fetch(client);
        AtomicFiles.write(List.of(new FileContent(file, token.token(), mode)));
        return token;
    }

    private JwtSvid fetch(WorkloadApiClient client) throws DeliveryException {
        var message = client.fetchJwtSvidMessage(audiences, Optional.empty()).getSvidsList().stream()
                .filter(each -> hint.isEmpty() || each.getHint().equals(hint))
                .findFirst()
                .orElseThrow(() -> new DeliveryException(
                        "no JWT-SVID has the hint \"%s\"; set that hint on an entry or change hint".formatted(hint)));
        try {
            return JwtSvid.parseInsecure(message.getSvid());
        } catch (JwtSvidException e) {
            throw new DeliveryException("the agent's answer is no JWT-SVID: " + e.getMessage(), e);
        }
    }
}
