-- Once: the role of the servers, and the database that is theirs. They make their tables themselves.
CREATE ROLE spire LOGIN;

CREATE DATABASE spire OWNER spire;
