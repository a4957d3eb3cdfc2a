// SPDX-License-Identifier: Apache-2.0
package io.countersign.helper.delivery;

import io.countersign.spiffe.SpiffeId;
import io.countersign.spiffe.jwt.JwtSvid;
import io.countersign.spiffe.jwt.JwtSvidException;
import io.countersign.workloadapi.WorkloadApiClient;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A file that holds one JWT-SVID in compact form, without a line feed.
 *
 * @param audiences at least one; asked for in this order
 * @param hint which of several identities; empty for the default one
 * @param id whose token alone may stand there, if that is said
 */
public record JwtTokenFile(
        Path file, FileMode mode, List<String> audiences, String hint, Optional<SpiffeId> id, Ownership ownership) {
    /** @throws IllegalArgumentException without an audience */
    public JwtTokenFile {
        audiences = List.copyOf(audiences);
        if (audiences.isEmpty()) {
            throw new IllegalArgumentException("no audience for " + file + ", expected at least one");
        }
    }

    /**
     * Asks the agent for a token, checks it against the agent's own bundles and writes it; blocks until the answers are
     * there or the client's time-out is over.
     *
     * @throws JwtSvidException if it is no token, or one that nobody would accept; the file is as it was
     */
    public JwtSvid renew(WorkloadApiClient client, Instant now) throws DeliveryException {
        var text = fetch(client);
        var bundles = client.fetchJwtBundles();
        var token = JwtSvid.parseAndValidate(
                text, domain -> Optional.ofNullable(bundles.get(domain)), Set.copyOf(audiences), now);
        if (id.isPresent() && !id.get().equals(token.id())) {
            throw new DeliveryException(
                    "the token that came is of %s, expected one of %s;".formatted(token.id(), id.get())
                            + " ask its agent or change spiffe_id");
        }
        AtomicFiles.write(List.of(FileContent.of(file, token.token(), mode)), ownership);
        return token;
    }

    private String fetch(WorkloadApiClient client) throws DeliveryException {
        return client.fetchJwtSvidMessage(audiences, id).getSvidsList().stream()
                .filter(each -> hint.isEmpty() || each.getHint().equals(hint))
                .findFirst()
                .orElseThrow(() -> new DeliveryException(
                        "no JWT-SVID has the hint \"%s\"; set that hint on an entry or change hint".formatted(hint)))
                .getSvid();
    }
}
