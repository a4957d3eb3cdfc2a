-- What signs, did sign or is going to: as long as a row is here, its public half is in the trust domain's bundle.

CREATE TABLE authorities (
    row_id       INTEGER PRIMARY KEY AUTOINCREMENT,
    -- x509 or jwt
    kind         TEXT    NOT NULL,
    -- the subject key id in hexadecimal, or the key id of tokens
    authority_id TEXT    NOT NULL,
    -- which of the two keys of its kind it is: A or B
    slot         TEXT    NOT NULL,
    -- prepared, active or old
    state        TEXT    NOT NULL,
    -- the certificate, or the public key, as DER in base64
    material     TEXT    NOT NULL,
    -- milliseconds since 1970, unlike elsewhere: an authority may live for seconds
    not_before   INTEGER NOT NULL,
    not_after    INTEGER NOT NULL,
    tainted      BOOLEAN NOT NULL,
    UNIQUE (kind, authority_id)
);
CREATE UNIQUE INDEX one_authority_signs ON authorities (kind) WHERE state = 'active';
CREATE UNIQUE INDEX one_authority_is_next ON authorities (kind) WHERE state = 'prepared';

-- One row: how often the bundle has changed.
CREATE TABLE bundle_sequence (
    number INTEGER NOT NULL
);
INSERT INTO bundle_sequence (number) VALUES (0);
