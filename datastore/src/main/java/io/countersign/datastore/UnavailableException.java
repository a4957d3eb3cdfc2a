// SPDX-License-Identifier: Apache-2.0
package io.countersign.datastore;

import java.sql.SQLException;
import java.sql.SQLRecoverableException;
import java.sql.SQLTransientConnectionException;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/** The database does not answer, cannot write, or did not let a transaction begin; it may do so later. */
public final class UnavailableException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private UnavailableException(String message, Throwable cause) {
        super(message, cause);
    }

    /** That the database is unavailable, if the failure means that; otherwise the failure itself. */
    static RuntimeException or(RuntimeException failure) {
        @Nullable Throwable cause = failure;
        while (cause != null) {
            if (cause instanceof SQLException sql && isUnavailable(sql)) {
                return new UnavailableException("the datastore is not available: " + sql.getMessage(), failure);
            }
            cause = cause.getCause();
        }
        return failure;
    }

    private static boolean isUnavailable(SQLException failure) {
        if (failure instanceof SQLiteException sqlite) {
            return isUnavailable(sqlite.getResultCode());
        }
        var state = failure.getSQLState();
        return failure instanceof SQLTransientConnectionException
                || failure instanceof SQLRecoverableException
                || (state != null && isUnavailable(state));
    }

    /** Connection lost, no resources such as disk, being stopped or started, a standby, a lock not had in time. */
    private static boolean isUnavailable(String state) {
        return state.startsWith("08")
                || state.startsWith("53")
                || state.startsWith("57P")
                || state.equals("25006")
                || state.equals("55P03");
    }

    private static boolean isUnavailable(SQLiteErrorCode code) {
        // the lowest byte is the plain code, whatever the details
        int plain = code.code & 0xff;
        return plain == SQLiteErrorCode.SQLITE_BUSY.code
                || plain == SQLiteErrorCode.SQLITE_FULL.code
                || plain == SQLiteErrorCode.SQLITE_IOERR.code
                || plain == SQLiteErrorCode.SQLITE_READONLY.code
                || plain == SQLiteErrorCode.SQLITE_CANTOPEN.code;
    }
}
