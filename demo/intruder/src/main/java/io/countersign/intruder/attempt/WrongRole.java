// SPDX-License-Identifier: Apache-2.0
package io.countersign.intruder.attempt;

import io.countersign.intruder.attempt.Outcome.LetIn;
import io.countersign.intruder.attempt.Outcome.Refused;
import io.countersign.intruder.attempt.Outcome.Untried;
import io.countersign.spiffe.SpiffeId;
import io.countersign.workloadapi.X509Context;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import javax.net.ssl.SSLSocketFactory;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * Logs in at PostgreSQL with this program's own, true identity, as a role that belongs to another.
 *
 * @param holder whom the role belongs to
 * @param patience for connecting, and for each answer; whole seconds
 */
public record WrongRole(Target server, String database, String role, SpiffeId holder, Duration patience)
        implements Attempt {
    /** The SQLSTATE class "invalid authorization specification". */
    private static final String REFUSED = "28";

    @Override
    public String kind() {
        return "wrong-role";
    }

    @Override
    public Outcome make(X509Context own) {
        var svid = own.defaultSvid();
        if (svid.id().equals(holder)) {
            return new Untried("the intruder itself is \"" + holder + "\", to whom role \"" + role
                    + "\" belongs, expected another identity; register it under its own");
        }
        var seen = new ServerIdentity(server.id());
        try (var connection = login(ClientTls.sockets(List.of(svid), own, seen))) {
            return new LetIn("nobody refused: " + account(connection));
        } catch (SQLException e) {
            return judge(e, seen);
        }
    }

    private Connection login(SSLSocketFactory sockets) throws SQLException {
        var properties = new Properties();
        properties.setProperty("PGDBNAME", database);
        properties.setProperty("user", role);
        // TLS or nothing; who the server is, our sockets verify
        properties.setProperty("sslmode", "verify-ca");
        properties.setProperty("gssEncMode", "disable");
        properties.setProperty("socketFactory", LoginSockets.Plain.class.getName());
        properties.setProperty("sslfactory", LoginSockets.Tls.class.getName());
        properties.setProperty("connectTimeout", String.valueOf(patience.toSeconds()));
        properties.setProperty("socketTimeout", String.valueOf(patience.toSeconds()));
        properties.setProperty("ApplicationName", "countersign-intruder");
        var url = "jdbc:postgresql://" + server.address() + "/";
        return ScopedValue.where(LoginSockets.Tls.CURRENT, sockets)
                .call(() -> DriverManager.getConnection(url, properties));
    }

    /** What the session may say of itself; a login is one even if nothing can be asked. */
    private static String account(Connection connection) {
        try (var statement = connection.createStatement();
                var rows = statement.executeQuery("SELECT current_user, current_database()")) {
            rows.next();
            return "logged in as \"%s\" at database \"%s\"".formatted(rows.getString(1), rows.getString(2));
        } catch (SQLException e) {
            return "logged in, but could not ask as whom: " + e.getMessage();
        }
    }

    private Outcome judge(SQLException failure, ServerIdentity seen) {
        var alert = Alert.in(failure);
        if (seen.seen() && alert.isPresent()) {
            return new Refused(party() + ", in the TLS handshake", alert.get().words());
        }
        if (failure instanceof PSQLException postgres && postgres.getServerErrorMessage() != null) {
            var said = inWords(postgres.getServerErrorMessage());
            return seen.seen() && String.valueOf(failure.getSQLState()).startsWith(REFUSED)
                    ? new Refused(party() + ", at login", said)
                    : new Untried(said);
        }
        return new Untried(server.address() + ": " + withCauses(failure));
    }

    private static String inWords(ServerErrorMessage said) {
        return "%s: %s (SQLSTATE %s)".formatted(said.getSeverity(), said.getMessage(), said.getSQLState());
    }

    /** The causes often say more than the failure itself. */
    private static String withCauses(SQLException failure) {
        var words = new StringBuilder(String.valueOf(failure.getMessage()));
        for (var cause = failure.getCause(); cause != null; cause = cause.getCause()) {
            var more = String.valueOf(cause.getMessage());
            if (words.indexOf(more) < 0) {
                words.append(": ").append(more);
            }
        }
        return words.toString();
    }

    private String party() {
        return "PostgreSQL (" + server.id() + ")";
    }
}
