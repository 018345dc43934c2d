#!/bin/sh
# Make the buckets and the application's own key, which reaches them and nothing else: the files, and
# the ends of the audit logs, where it may add and look but never remove.
# Safe to repeat: an existing bucket stays, the key's secret and rights are set anew.
set -eu
read_secret() { cat "/run/secrets/$1"; }
KEY="$(read_secret s3_access_key)"
mcli alias set store http://minio:9000 \
    "$(read_secret minio_root_user)" "$(read_secret minio_root_password)" >/dev/null
mcli mb --ignore-existing "store/$S3_BUCKET"
# Object lock cannot be switched on later: this bucket has it from its making.
mcli mb --ignore-existing --with-lock "store/$S3_SEAL_BUCKET"
mcli admin user add store "$KEY" "$(read_secret s3_secret_key)" >/dev/null
cat >/tmp/policy.json <<POLICY
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": ["s3:GetBucketLocation", "s3:ListBucket"],
      "Resource": ["arn:aws:s3:::$S3_BUCKET"]
    },
    {
      "Effect": "Allow",
      "Action": ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"],
      "Resource": ["arn:aws:s3:::$S3_BUCKET/*"]
    },
    {
      "Effect": "Allow",
      "Action": [
        "s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketVersions",
        "s3:GetBucketObjectLockConfiguration"
      ],
      "Resource": ["arn:aws:s3:::$S3_SEAL_BUCKET"]
    },
    {
      "Effect": "Allow",
      "Action": ["s3:PutObject", "s3:PutObjectRetention", "s3:GetObjectRetention"],
      "Resource": ["arn:aws:s3:::$S3_SEAL_BUCKET/*"]
    }
  ]
}
POLICY
mcli admin policy create store campus /tmp/policy.json >/dev/null
# Attaching what is attached already is reported as an error; what counts is that it is attached.
mcli admin policy attach store campus --user "$KEY" >/dev/null 2>&1 || true
mcli admin user info store "$KEY" | grep -q campus
echo "buckets $S3_BUCKET and $S3_SEAL_BUCKET and their key are ready"
