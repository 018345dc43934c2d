#!/bin/sh
# Make the bucket and the application's own key, which reaches that bucket and nothing else.
# Safe to repeat: an existing bucket stays, the key's secret and rights are set anew.
set -eu
read_secret() { cat "/run/secrets/$1"; }
KEY="$(read_secret s3_access_key)"
mcli alias set store http://minio:9000 \
    "$(read_secret minio_root_user)" "$(read_secret minio_root_password)" >/dev/null
mcli mb --ignore-existing "store/$S3_BUCKET"
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
    }
  ]
}
POLICY
mcli admin policy create store campus /tmp/policy.json >/dev/null
# Attaching what is attached already is reported as an error; what counts is that it is attached.
mcli admin policy attach store campus --user "$KEY" >/dev/null 2>&1 || true
mcli admin user info store "$KEY" | grep -q campus
echo "bucket $S3_BUCKET and its key are ready"
