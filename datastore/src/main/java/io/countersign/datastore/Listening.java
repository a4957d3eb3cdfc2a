// SPDX-License-Identifier: Apache-2.0
package io.countersign.datastore;

import java.sql.SQLException;
import java.time.Duration;

/** Hears when another process has changed the database. For one thread. */
public interface Listening extends AutoCloseable {
    /**
     * Returns when something was heard or the time is over.
     *
     * @throws SQLException if nothing can be heard any more, and what was said meanwhile may be missed
     */
    void await(Duration atMost) throws SQLException, InterruptedException;

    @Override
    void close();
}
