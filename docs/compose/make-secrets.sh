#!/bin/sh
# Makes secrets/*.env for compose.yaml, each with passwords of its own. What is there stays:
# a database keeps the password that it was made with.
set -eu
cd "$(dirname "$0")/../.."
umask 077
mkdir -p secrets

random() { od -An -tx1 -N24 /dev/urandom | tr -d ' \n'; }

keep() {
  if [ -e "secrets/$1.env" ]; then
    echo "secrets/$1.env is there and stays"
    cat >/dev/null
  else
    cat >"secrets/$1.env"
    echo "made secrets/$1.env"
  fi
}

if [ -e secrets/postgresql.env ] && [ ! -e secrets/liujing.env ]; then
  password=$(sed -n 's/^POSTGRES_PASSWORD=//p' secrets/postgresql.env)
else
  password=$(random)
fi

keep postgresql <<END
POSTGRES_USER=liujing
POSTGRES_PASSWORD=$password
POSTGRES_DB=liujing
END

keep liujing <<END
LIUJING_STORE__WHERE=postgresql://liujing:$password@postgresql:5432/liujing
LIUJING_REVIEW__SERVICE_URL=http://service:8600
END

keep label-studio <<END
LABEL_STUDIO_USERNAME=admin@liujing.invalid
LABEL_STUDIO_PASSWORD=$(random)
LABEL_STUDIO_DISABLE_SIGNUP_WITHOUT_LINK=true
COLLECT_ANALYTICS=false
SSRF_PROTECTION_ENABLED=false
ML_BLOCK_LOCAL_IP=false
END
