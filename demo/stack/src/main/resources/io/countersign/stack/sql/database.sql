-- Once, in database postgres: the role that programs log in with, which the original makes a superuser, and the database that they
-- may reach.
CREATE ROLE @ROLE@ LOGIN;

CREATE DATABASE @DATABASE@;
