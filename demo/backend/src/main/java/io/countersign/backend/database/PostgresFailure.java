// SPDX-License-Identifier: Apache-2.0
package io.countersign.backend.database;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** A driver's failure as one line: its causes often say more than itself. */
final class PostgresFailure {
    private PostgresFailure() {}

    static String inWords(SQLException failure) {
        List<String> parts = new ArrayList<>();
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            var message = String.valueOf(cause.getMessage()).lines().findFirst().orElse("");
            if (parts.stream().noneMatch(part -> part.contains(message))) {
                parts.add(message);
            }
        }
        return String.join(": ", parts);
    }
}
