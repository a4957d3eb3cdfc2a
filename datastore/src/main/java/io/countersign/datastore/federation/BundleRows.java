// SPDX-License-Identifier: Apache-2.0
package io.countersign.datastore.federation;

import io.countersign.datastore.Row;
import io.countersign.spiffe.TrustDomain;
import io.countersign.spiffe.bundle.JwtAuthority;
import io.countersign.spiffe.bundle.TrustBundle;
import io.countersign.spiffe.x509.Der;
import java.security.cert.X509Certificate;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** Bundles as the rows of their two tables. */
final class BundleRows {
    private static final String X509 = "x509";
    private static final String JWT = "jwt";

    /** One row of a bundle, before it is read. */
    private record Authority(long bundle, String kind, String keyId, String material, Optional<Instant> end) {
        static Authority of(ResultSet row) throws SQLException {
            long end = row.getLong("expires_at");
            var known = row.wasNull() ? Optional.<Instant>empty() : Optional.of(Instant.ofEpochSecond(end));
            return new Authority(
                    row.getLong("bundle_row"),
                    row.getString("kind"),
                    row.getString("key_id"),
                    row.getString("material"),
                    known);
        }

        byte[] der() {
            return Base64.getDecoder().decode(material);
        }
    }

    private BundleRows() {}

    static List<Row<FederatedBundle>> all(Handle handle) {
        return select(handle, "");
    }

    static Optional<FederatedBundle> find(Handle handle, TrustDomain trustDomain) {
        return select(handle, " WHERE trust_domain = ?", trustDomain.name()).stream()
                .findFirst()
                .map(Row::value);
    }

    static void set(Handle handle, FederatedBundle federated) {
        var bundle = federated.bundle();
        var hint = bundle.refreshHint().map(Duration::toSeconds);
        long row = handle.createQuery("""
                        INSERT INTO federated_bundles (trust_domain, sequence_number, refresh_hint)
                        VALUES (:trustDomain, :sequence, :hint)
                        ON CONFLICT (trust_domain)
                          DO UPDATE SET sequence_number = :sequence, refresh_hint = :hint
                        RETURNING row_id""")
                .bind("trustDomain", bundle.trustDomain().name())
                .bind("sequence", bundle.sequenceNumber())
                .bind("hint", hint.orElse(null))
                .mapTo(Long.class)
                .one();
        handle.execute("DELETE FROM federated_authorities WHERE bundle_row = ?", row);
        int position = 0;
        for (var certificate : bundle.x509Authorities()) {
            insert(handle, row, position++, X509, "", Der.encodeCertificates(List.of(certificate)), null);
        }
        for (var key : bundle.jwtAuthorities()) {
            var end = federated.keyExpiries().get(key.keyId());
            insert(handle, row, position++, JWT, key.keyId(), key.publicKey().getEncoded(), end);
        }
    }

    private static void insert(
            Handle handle, long bundle, int position, String kind, String keyId, byte[] der, @Nullable Instant end) {
        handle.execute(
                """
                INSERT INTO federated_authorities (bundle_row, position, kind, key_id, material, expires_at)
                VALUES (?, ?, ?, ?, ?, ?)""",
                bundle,
                position,
                kind,
                keyId,
                Base64.getEncoder().encodeToString(der),
                Optional.ofNullable(end).map(Instant::getEpochSecond).orElse(null));
    }

    private static List<Row<FederatedBundle>> select(Handle handle, String where, Object... values) {
        Map<Long, List<Authority>> authorities = handle
                .select(
                        "SELECT * FROM federated_authorities WHERE bundle_row IN (SELECT row_id FROM federated_bundles"
                                + where + ") ORDER BY position",
                        values)
                .map((row, context) -> Authority.of(row))
                .stream()
                .collect(Collectors.groupingBy(Authority::bundle));
        return handle.select("SELECT * FROM federated_bundles" + where + " ORDER BY row_id", values)
                .map((row, context) -> {
                    long number = row.getLong("row_id");
                    return new Row<>(number, bundle(row, authorities.getOrDefault(number, List.of())));
                })
                .list();
    }

    private static FederatedBundle bundle(ResultSet row, List<Authority> authorities) throws SQLException {
        var x509 = new ArrayList<X509Certificate>();
        var jwt = new ArrayList<JwtAuthority>();
        var expiries = new HashMap<String, Instant>();
        for (var authority : authorities) {
            if (authority.kind().equals(X509)) {
                x509.addAll(Der.parseCertificates(authority.der()));
            } else {
                jwt.add(JwtAuthority.parse(authority.keyId(), authority.der()));
                authority.end().ifPresent(end -> expiries.put(authority.keyId(), end));
            }
        }
        long sequence = row.getLong("sequence_number");
        long hint = row.getLong("refresh_hint");
        boolean noHint = row.wasNull();
        return new FederatedBundle(
                new TrustBundle(
                        new TrustDomain(row.getString("trust_domain")),
                        x509,
                        jwt,
                        sequence,
                        noHint ? Optional.empty() : Optional.of(Duration.ofSeconds(hint))),
                expiries);
    }
}
