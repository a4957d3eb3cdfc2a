// SPDX-License-Identifier: Apache-2.0
package io.countersign.datastore;

import java.sql.SQLException;
import java.sql.SQLRecoverableException;
import java.sql.SQLTransientConnectionException;
import org.jdbi.v3.core.transaction.UnableToManipulateTransactionIsolationLevelException;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/** The database does not answer, cannot write, or did not let a transaction begin; it may do so later. */
public final class UnavailableException extends RuntimeException {
    /** The SQLSTATE of writing in a transaction that may only read, as all of a standby's are. */
    static final String READ_ONLY = "25006";

    private static final long serialVersionUID = 1;

    private UnavailableException(String message, Throwable cause) {
        super(message, cause);
    }

    /** That the database is unavailable, if the failure means that; otherwise the failure itself. */
    static RuntimeException or(RuntimeException failure) {
        @Nullable Throwable cause = failure;
        while (cause != null) {
            // a connection that was cut does not say so any more once the transaction around it is to end
            if (cause instanceof UnableToManipulateTransactionIsolationLevelException
                    || (cause instanceof SQLException sql && isUnavailable(sql))) {
                return new UnavailableException("the datastore is not available: " + cause.getMessage(), failure);
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

    /**
     * Connection lost, no resources such as disk, being stopped or started, a standby, a lock not had in time, a transaction
     * ended that stood still.
     */
    private static boolean isUnavailable(String state) {
        return state.startsWith("08")
                || state.startsWith("53")
                || state.startsWith("57P")
                || state.equals(READ_ONLY)
                || state.equals("55P03")
                || state.equals("25P03");
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
