#!/bin/sh
# Run once by the postgres image on an empty volume: the two roles and the database. The web's role owns nothing.
set -eu
psql --set ON_ERROR_STOP=1 --set owner_password="$OWNER_PASSWORD" --set web_password="$WEB_PASSWORD" --username postgres <<'SQL'
CREATE ROLE crowdecon_owner LOGIN PASSWORD :'owner_password';
CREATE ROLE crowdecon_web LOGIN PASSWORD :'web_password';
CREATE DATABASE crowdecon OWNER crowdecon_owner;
\connect crowdecon
ALTER DEFAULT PRIVILEGES FOR ROLE crowdecon_owner IN SCHEMA public
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO crowdecon_web;
ALTER DEFAULT PRIVILEGES FOR ROLE crowdecon_owner IN SCHEMA public
    GRANT USAGE, SELECT, UPDATE ON SEQUENCES TO crowdecon_web;
SQL
