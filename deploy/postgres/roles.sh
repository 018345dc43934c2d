#!/bin/sh
# Make or repair the database, its five roles and their passwords; safe to repeat at every start.
# The web and the worker never sign in as the image's POSTGRES_USER: that one is a superuser, and
# row-level security does not hold for it.
set -eu
read_secret() { cat "/run/secrets/$1"; }
SUPERUSER_DSN="$(read_secret superuser_dsn)"
CAMPUS_MIGRATOR_PASSWORD="$(read_secret migrator_password)"
CAMPUS_WEB_PASSWORD="$(read_secret web_password)"
CAMPUS_WORKER_PASSWORD="$(read_secret worker_password)"
CAMPUS_BUREAU_PASSWORD="$(read_secret bureau_password)"
export SUPERUSER_DSN CAMPUS_MIGRATOR_PASSWORD CAMPUS_WEB_PASSWORD
export CAMPUS_WORKER_PASSWORD CAMPUS_BUREAU_PASSWORD
exec python -m campus bootstrap-roles
