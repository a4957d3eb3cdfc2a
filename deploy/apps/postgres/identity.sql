-- In the demo's database, as its owner, at each start: which SPIFFE ID may log in as which role, and the check.
SET client_min_messages = warning;

CREATE SCHEMA IF NOT EXISTS countersign;

CREATE EXTENSION IF NOT EXISTS sslinfo SCHEMA countersign;

CREATE TABLE IF NOT EXISTS countersign.login (role name, spiffe_id text, PRIMARY KEY (role, spiffe_id));

DELETE FROM countersign.login WHERE role = 'demouser';

INSERT INTO countersign.login VALUES ('demouser', 'spiffe://example.org/ns/demo/sa/backend');

-- The SPIFFE ID in the certificate of this very connection, or null. It is read out of the TLS session each time, so
-- that no setting which a session could change is believed. sslinfo joins the alternative names with ', ' and does not
-- escape them; a SPIFFE ID holds neither, and two URI names are one too many (X509-SVID section 2).
CREATE OR REPLACE FUNCTION countersign.spiffe_id() RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, countersign, pg_temp AS $$
  SELECT CASE count(*) WHEN 1 THEN min(substr(alternative, 5)) END
  FROM countersign.ssl_extension_info() AS extension, string_to_table(extension.value, ', ') AS alternative
  WHERE countersign.ssl_client_cert_present() AND extension.name = 'subjectAltName' AND alternative LIKE 'URI:%'
$$;

-- Connections over the Unix socket are the owner's: pg_hba.conf lets nobody else in there.
CREATE OR REPLACE FUNCTION countersign.check_login() RETURNS event_trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, countersign, pg_temp AS $$
DECLARE
  presented text;
BEGIN
  IF inet_client_addr() IS NULL THEN
    RETURN;
  END IF;
  presented := countersign.spiffe_id();
  IF presented IS NULL THEN
    RAISE EXCEPTION USING ERRCODE = 'invalid_authorization_specification',
      MESSAGE = format('login as role "%s" refused: the client certificate names no SPIFFE ID', session_user);
  END IF;
  IF NOT EXISTS (SELECT FROM countersign.login WHERE role = session_user AND spiffe_id = presented) THEN
    RAISE EXCEPTION USING ERRCODE = 'invalid_authorization_specification',
      MESSAGE = format('login as role "%s" refused: it is not bound to SPIFFE ID "%s"', session_user, presented);
  END IF;
END
$$;

DROP EVENT TRIGGER IF EXISTS countersign_check_login;

CREATE EVENT TRIGGER countersign_check_login ON login EXECUTE FUNCTION countersign.check_login();

-- Fires whatever session_replication_role says.
ALTER EVENT TRIGGER countersign_check_login ENABLE ALWAYS;

GRANT USAGE ON SCHEMA countersign TO demouser;

REVOKE ALL ON ALL TABLES IN SCHEMA countersign FROM PUBLIC;
