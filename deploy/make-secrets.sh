#!/bin/sh
# Make every secret docker-compose.yml asks for, at random; files that exist are left as they are.
#
# The folder is closed to other users of the host. The files in it are readable, because compose
# mounts them with the mode they have here and each container reads them as its own, different user.
set -eu
cd "$(dirname "$0")"
umask 022
chmod 700 secrets

random() { od -An -N32 -tx1 /dev/urandom | tr -d ' \n'; }

# keep NAME TEXT: write a secret that is not there yet.
keep() {
    [ -e "secrets/$1" ] || printf '%s\n' "$2" >"secrets/$1"
}

for role in superuser migrator web worker bureau valkey; do
    keep "${role}_password" "$(random)"
done
held() { cat "secrets/$1"; }
url() { printf 'postgresql+psycopg://campus_%s:%s@db:5432/campus' "$1" "$(held "$1_password")"; }

keep database_url "$(url web)"
keep worker_database_url "$(url worker)"
keep migrator_database_url "$(url migrator)"
keep superuser_dsn "postgresql://postgres:$(held superuser_password)@db:5432/postgres"
keep secret_key "$(random)"
keep redis_url "redis://:$(held valkey_password)@valkey:6379/0"
keep valkey.conf "$(printf 'requirepass %s\nsave ""\nappendonly no\nmaxmemory 128mb\nmaxmemory-policy allkeys-lru' "$(held valkey_password)")"
keep minio_root_user "root-$(random | cut -c1-12)"
keep minio_root_password "$(random)"
keep s3_access_key "campus-$(random | cut -c1-12)"
keep s3_secret_key "$(random | cut -c1-40)"
chmod 444 secrets/*
echo "deploy/secrets/ holds every secret but the certificate: put tls.crt and tls.key beside them."
