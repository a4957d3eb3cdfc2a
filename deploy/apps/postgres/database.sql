-- Once, in database postgres: the role that programs log in with, which is a superuser in the demo, and the database that they
-- may reach.
CREATE ROLE demouser LOGIN;

CREATE DATABASE demo;
