// SPDX-License-Identifier: Apache-2.0
package io.countersign.datastore.federation;

import io.countersign.datastore.Database;
import io.countersign.datastore.Row;
import io.countersign.datastore.change.Change.Kind;
import io.countersign.datastore.change.ChangeLog;
import io.countersign.datastore.federation.BundleEndpoint.HttpsSpiffe;
import io.countersign.datastore.federation.BundleEndpoint.HttpsWeb;
import io.countersign.datastore.federation.BundleEndpoint.Profile;
import io.countersign.spiffe.SpiffeId;
import io.countersign.spiffe.TrustDomain;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** The relationships that operators have made, in the order in which they came. Thread-safe. */
public final class FederationRelationships {
    private static final String BY_NAME = " WHERE trust_domain = ?";

    private final Database database;

    public FederationRelationships(Database database) {
        this.database = database;
    }

    /**
     * Whether it is there now; not if there was one with its trust domain before, which stays.
     *
     * @param bundle to begin with, in the place of one that is stored
     */
    public boolean create(FederationRelationship relationship, Optional<FederatedBundle> bundle) {
        return database.decide(handle -> {
            if (find(handle, relationship.trustDomain()).isPresent()) {
                return false;
            }
            handle.execute(
                    "INSERT INTO federation_relationships (trust_domain, bundle_endpoint_url, endpoint_spiffe_id)"
                            + " VALUES (?, ?, ?)",
                    relationship.trustDomain().name(),
                    relationship.endpoint().url().toString(),
                    endpointId(relationship));
            changed(handle, relationship.trustDomain(), bundle);
            return true;
        });
    }

    /**
     * Puts what {@code change} makes of the stored one in its place; nothing if there is none.
     *
     * @param bundle in the place of the one that is stored, if it is given
     */
    public Optional<FederationRelationship> update(
            TrustDomain trustDomain, UnaryOperator<FederationRelationship> change, Optional<FederatedBundle> bundle) {
        return database.decide(handle -> {
            var changed = find(handle, trustDomain).map(change);
            if (changed.isPresent()) {
                handle.execute(
                        "UPDATE federation_relationships SET bundle_endpoint_url = ?, endpoint_spiffe_id = ?" + BY_NAME,
                        changed.get().endpoint().url().toString(),
                        endpointId(changed.get()),
                        trustDomain.name());
                changed(handle, trustDomain, bundle);
            }
            return changed;
        });
    }

    public Optional<FederationRelationship> find(TrustDomain trustDomain) {
        return database.read(handle -> find(handle, trustDomain));
    }

    public List<Row<FederationRelationship>> list() {
        return database.read(handle -> select(handle, " ORDER BY row_id"));
    }

    /** Whether there was one. Its bundle stays. */
    public boolean delete(TrustDomain trustDomain) {
        return database.decide(handle -> {
            boolean deleted = handle.execute("DELETE FROM federation_relationships" + BY_NAME, trustDomain.name()) > 0;
            if (deleted) {
                changed(handle, trustDomain, Optional.empty());
            }
            return deleted;
        });
    }

    private void changed(Handle handle, TrustDomain trustDomain, Optional<FederatedBundle> bundle) {
        ChangeLog.append(database, handle, Kind.RELATIONSHIP, trustDomain.name());
        bundle.ifPresent(given -> {
            BundleRows.set(handle, given);
            ChangeLog.append(
                    database, handle, Kind.FEDERATED_BUNDLE, given.trustDomain().name());
        });
    }

    private static Optional<FederationRelationship> find(Handle handle, TrustDomain trustDomain) {
        return select(handle, BY_NAME, trustDomain.name()).stream().findFirst().map(Row::value);
    }

    private static List<Row<FederationRelationship>> select(Handle handle, String clause, Object... values) {
        return handle.select("SELECT * FROM federation_relationships" + clause, values)
                .map((row, context) -> new Row<>(row.getLong("row_id"), relationship(row)))
                .list();
    }

    private static FederationRelationship relationship(ResultSet row) throws SQLException {
        Profile profile = Optional.<String>ofNullable(row.getString("endpoint_spiffe_id"))
                .<Profile>map(id -> new HttpsSpiffe(SpiffeId.parse(id)))
                .orElseGet(HttpsWeb::new);
        return new FederationRelationship(
                new TrustDomain(row.getString("trust_domain")),
                BundleEndpoint.parse(row.getString("bundle_endpoint_url"), profile));
    }

    private static @Nullable String endpointId(FederationRelationship relationship) {
        return switch (relationship.endpoint().profile()) {
            case HttpsWeb() -> null;
            case HttpsSpiffe(var id) -> id.toString();
        };
    }
}
