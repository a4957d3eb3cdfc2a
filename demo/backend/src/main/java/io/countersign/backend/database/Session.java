// SPDX-License-Identifier: Apache-2.0
package io.countersign.backend.database;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;

/** One open connection and what its handshake showed. */
record Session(Connection connection, Handshake.Seen seen, IdentityFiles.Stamp files, Instant end) {

    /** Whether it may be used again: young enough, both certificates alive, and none newer in the files. */
    boolean isFresh(Instant now, IdentityFiles.Stamp current) {
        return now.isBefore(end) && files.equals(current);
    }

    boolean answers() {
        try {
            return connection.isValid(2);
        } catch (SQLException e) {
            return false;
        }
    }

    void close() {
        try {
            connection.close();
        } catch (SQLException e) {
            // it is given up either way, and the server sees the socket go
            return;
        }
    }
}
