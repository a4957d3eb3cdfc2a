// SPDX-License-Identifier: Apache-2.0
package io.countersign.datastore.node;

import io.countersign.datastore.Database;
import java.time.Instant;
import java.util.Optional;

/** Tokens that let one node in, once. Thread-safe. */
public final class JoinTokens {
    private final Database database;

    public JoinTokens(Database database) {
        this.database = database;
    }

    /** Whether the token is new; an older one with that text stays as it is. */
    public boolean create(String token, Instant expiresAt) {
        return database.decide(handle -> handle.execute(
                        "INSERT INTO join_tokens (token, expires_at) VALUES (?, ?) ON CONFLICT DO NOTHING",
                        token,
                        expiresAt.getEpochSecond())
                > 0);
    }

    /** Takes the token away and says when it ends, or nothing if it never was or has been used. */
    public Optional<Instant> redeem(String token) {
        return database.decide(
                handle -> handle.select("DELETE FROM join_tokens WHERE token = ? RETURNING expires_at", token)
                        .mapTo(Long.class)
                        .findOne()
                        .map(Instant::ofEpochSecond));
    }

    /** Takes away what has expired. */
    public void prune(Instant now) {
        database.write(handle -> handle.execute("DELETE FROM join_tokens WHERE expires_at <= ?", now.getEpochSecond()));
    }
}
