-- What the bundle holds, apart from what signs here: an authority that another one vouches for is not in the bundle, and the
-- keys of servers above and below are. From here on the table of authorities only says what signs, did sign or is going to.

CREATE TABLE trusted_authorities (
    row_id       INTEGER PRIMARY KEY AUTOINCREMENT,
    -- x509 or jwt
    kind         TEXT    NOT NULL,
    -- the subject key id in hexadecimal, which two certificates may share, or the key id of tokens, which two keys may not
    authority_id TEXT    NOT NULL,
    -- the certificate, or the public key, as DER in base64
    material     TEXT    NOT NULL,
    -- milliseconds since 1970; 0 for a key of which nobody has said when it ends
    not_after    INTEGER NOT NULL,
    tainted      BOOLEAN NOT NULL
);
CREATE UNIQUE INDEX no_certificate_twice ON trusted_authorities (material) WHERE kind = 'x509';
CREATE UNIQUE INDEX no_key_id_twice ON trusted_authorities (authority_id) WHERE kind = 'jwt';

INSERT INTO trusted_authorities (kind, authority_id, material, not_after, tainted)
SELECT kind, authority_id, material, not_after, tainted FROM authorities ORDER BY row_id;

ALTER TABLE authorities DROP COLUMN tainted;
