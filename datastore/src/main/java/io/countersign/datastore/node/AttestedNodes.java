// SPDX-License-Identifier: Apache-2.0
package io.countersign.datastore.node;

import io.countersign.datastore.Database;
import io.countersign.datastore.Row;
import io.countersign.datastore.Selector;
import io.countersign.datastore.change.Change.Kind;
import io.countersign.datastore.change.ChangeLog;
import io.countersign.datastore.change.Update;
import io.countersign.datastore.node.AttestedNode.Certified;
import io.countersign.spiffe.SpiffeId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jdbi.v3.core.Handle;

/** The agents that have been let in, in the order in which they came. Thread-safe. */
public final class AttestedNodes {
    private static final String BY_ID = " WHERE spiffe_id = ?";

    private final Database database;

    public AttestedNodes(Database database) {
        this.database = database;
    }

    /** What came of letting a node in. */
    public enum Admitted {
        DONE,
        BANNED,
        /** Only a new one was to be let in, and this one is known, be it banned. */
        KNOWN
    }

    /**
     * Adds the node, or puts what is known of it now in the place of what was. A ban stays until the node is deleted, and
     * the version of its software until the node reports another.
     *
     * @param onlyNew whether it is to be let in only if there is none with its ID; of several at once one is
     */
    public Admitted admit(AttestedNode node, boolean onlyNew) {
        return database.decide(handle -> {
            var id = node.id().toString();
            var old = select(handle, BY_ID, id).stream().findFirst().map(Row::value);
            if (old.isPresent() && onlyNew) {
                return Admitted.KNOWN;
            }
            if (old.isPresent() && old.get().banned()) {
                return Admitted.BANNED;
            }
            handle.createUpdate("""
                    INSERT INTO attested_nodes (spiffe_id, attestation_type, serial_number, expires_at, new_serial,
                      new_expires_at, can_reattest, agent_version)
                    VALUES (:id, :type, :serial, :expiresAt, :newSerial, :newExpiresAt, :canReattest, :version)
                    ON CONFLICT (spiffe_id) DO UPDATE SET attestation_type = excluded.attestation_type,
                      serial_number = excluded.serial_number, expires_at = excluded.expires_at,
                      new_serial = excluded.new_serial, new_expires_at = excluded.new_expires_at,
                      can_reattest = excluded.can_reattest""")
                    .bind("id", id)
                    .bind("type", node.attestationType())
                    .bind("serial", serial(node.current()))
                    .bind("expiresAt", node.expiresAt().getEpochSecond())
                    .bind("newSerial", serial(node.renewed()))
                    .bind("newExpiresAt", expiry(node.renewed()))
                    .bind("canReattest", node.canReattest())
                    .bind("version", node.agentVersion())
                    .execute();
            replaceSelectors(handle, id, node.selectors());
            changed(handle, id);
            return Admitted.DONE;
        });
    }

    public Optional<AttestedNode> find(SpiffeId id) {
        return database.read(handle ->
                select(handle, BY_ID, id.toString()).stream().findFirst().map(Row::value));
    }

    public List<Row<AttestedNode>> list() {
        return database.read(handle -> select(handle, ""));
    }

    /** Everything that has changed after a position, or everything that there is. */
    public Update<AttestedNode> since(long position) {
        return database.read(handle -> {
            var since = ChangeLog.since(handle, position);
            var changed = since.items(Kind.NODE);
            if (changed.isEmpty()) {
                return new Update.All<>(select(handle, ""), since.position());
            }
            var items = new HashMap<String, Optional<Row<AttestedNode>>>();
            for (var id : changed.get()) {
                items.put(id, select(handle, BY_ID, id).stream().findFirst());
            }
            return new Update.Some<>(items, since.position());
        });
    }

    /** Remembers a certificate that the node has got and not shown yet; its old one counts until then. A banned one stays so. */
    public void renew(SpiffeId id, Certified renewed) {
        var _ = update(
                id,
                "UPDATE attested_nodes SET new_serial = ?, new_expires_at = ?" + BY_ID + " AND serial_number <> ''",
                renewed.serialNumber(),
                renewed.expiresAt().getEpochSecond(),
                id.toString());
    }

    /** The node has shown its renewed certificate, so the old one counts no more. */
    public void confirm(SpiffeId id, Certified shown) {
        var _ = update(
                id,
                "UPDATE attested_nodes SET serial_number = new_serial, expires_at = new_expires_at, new_serial = '',"
                        + " new_expires_at = 0" + BY_ID + " AND new_serial = ?",
                id.toString(),
                shown.serialNumber());
    }

    /** The software that the node says it runs. */
    public void report(SpiffeId id, String agentVersion) {
        var _ = update(id, "UPDATE attested_nodes SET agent_version = ?" + BY_ID, agentVersion, id.toString());
    }

    /** From now on no certificate of the node counts. Whether there is such a node. */
    public boolean ban(SpiffeId id) {
        return update(id, "UPDATE attested_nodes SET serial_number = '', new_serial = ''" + BY_ID, id.toString());
    }

    /** Forgets the node, and its ban. Whether there was one. */
    public boolean delete(SpiffeId id) {
        return update(id, "DELETE FROM attested_nodes" + BY_ID, id.toString());
    }

    /**
     * Forgets nodes whose certificates, renewed ones too, ended before that time, those first that came first. Banned ones stay, as
     * their ban would be forgotten with them.
     *
     * @param withFirstUses whether those as well that can never come again by themselves
     * @param most how many at once
     * @return those that are gone
     */
    public List<SpiffeId> prune(Instant endedBefore, boolean withFirstUses, int most) {
        return database.decide(handle -> {
            var ended = handle.select(
                            "SELECT spiffe_id FROM attested_nodes WHERE expires_at < ? AND new_expires_at < ?"
                                    + " AND serial_number <> '' AND (can_reattest OR ?) ORDER BY row_id LIMIT ?",
                            endedBefore.getEpochSecond(),
                            endedBefore.getEpochSecond(),
                            withFirstUses,
                            most)
                    .mapTo(String.class)
                    .list();
            for (var id : ended) {
                handle.execute("DELETE FROM attested_nodes" + BY_ID, id);
                changed(handle, id);
            }
            return ended.stream().map(SpiffeId::parse).toList();
        });
    }

    private boolean update(SpiffeId id, String statement, Object... values) {
        return database.decide(handle -> {
            boolean changed = handle.execute(statement, values) > 0;
            if (changed) {
                changed(handle, id.toString());
            }
            return changed;
        });
    }

    private void changed(Handle handle, String id) {
        ChangeLog.append(database, handle, Kind.NODE, id);
    }

    private static String serial(Optional<Certified> certified) {
        return certified.map(Certified::serialNumber).orElse("");
    }

    private static long expiry(Optional<Certified> certified) {
        return certified.map(Certified::expiresAt).orElse(Instant.EPOCH).getEpochSecond();
    }

    private static void replaceSelectors(Handle handle, String id, Set<Selector> selectors) {
        long row = handle.select("SELECT row_id FROM attested_nodes" + BY_ID, id)
                .mapTo(Long.class)
                .one();
        handle.execute("DELETE FROM node_selectors WHERE node_row = ?", row);
        for (var selector : selectors) {
            handle.execute(
                    "INSERT INTO node_selectors (node_row, type, value) VALUES (?, ?, ?)",
                    row,
                    selector.type(),
                    selector.value());
        }
    }

    private static List<Row<AttestedNode>> select(Handle handle, String where, Object... values) {
        Map<Long, Set<Selector>> selectors = new HashMap<>();
        handle.select(
                        "SELECT node_row, type, value FROM node_selectors WHERE node_row IN"
                                + " (SELECT row_id FROM attested_nodes" + where + ")",
                        values)
                .map((row, context) -> selectors
                        .computeIfAbsent(row.getLong(1), key -> new HashSet<>())
                        .add(new Selector(row.getString(2), row.getString(3))))
                .list();
        return handle.select("SELECT * FROM attested_nodes" + where + " ORDER BY row_id", values)
                .map((row, context) -> {
                    long number = row.getLong("row_id");
                    return new Row<>(number, node(row, selectors.getOrDefault(number, Set.of())));
                })
                .list();
    }

    private static AttestedNode node(ResultSet row, Set<Selector> selectors) throws SQLException {
        return new AttestedNode(
                SpiffeId.parse(row.getString("spiffe_id")),
                row.getString("attestation_type"),
                certified(row.getString("serial_number"), row.getLong("expires_at")),
                certified(row.getString("new_serial"), row.getLong("new_expires_at")),
                Instant.ofEpochSecond(row.getLong("expires_at")),
                row.getBoolean("can_reattest"),
                row.getString("agent_version"),
                selectors);
    }

    private static Optional<Certified> certified(String serial, long expiresAt) {
        return serial.isEmpty()
                ? Optional.empty()
                : Optional.of(new Certified(serial, Instant.ofEpochSecond(expiresAt)));
    }
}
