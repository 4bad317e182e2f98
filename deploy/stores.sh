# shellcheck shell=bash disable=SC2034
# What backup and restore both know: where the two stores are, and how a ledger is asked. Sourced.
# The variables are those of the gateway, with its defaults; its configuration file is not read.

ledger_url=${AP_GATEWAY_LEDGER_URL:-sqlite:ap-gateway-data/ledger.db}
artifacts=${AP_GATEWAY_ARTIFACTS:-ap-gateway-data/artifacts}

fail() {
    echo "${0##*/}: $*" >&2
    exit 1
}

need() { # PROGRAM PACKAGE
    command -v "$1" > /dev/null || fail "needs the command $1: apt-get install $2"
}

case $ledger_url in
sqlite:*)
    engine=sqlite
    ledger_file=${ledger_url#sqlite:}
    ledger_file=${ledger_file#//}
    ledger_file=${ledger_file%'?mode=rwc'}
    key_file=${AP_GATEWAY_LEDGER_KEY_FILE:-$(dirname "$ledger_file")/$(basename "$ledger_file" .db).key}
    command -v sqlite3 > /dev/null || need python3 sqlite3
    ;;
postgres://* | postgresql://*)
    engine=postgres
    key_file=${AP_GATEWAY_LEDGER_KEY_FILE:-}
    # Everybody on the machine sees the arguments of a command: the password is no part of them.
    if [[ $ledger_url =~ ^(postgres(ql)?://[^:@/]*):([^@/]*)@(.*)$ ]]; then
        ledger_url=${BASH_REMATCH[1]}@${BASH_REMATCH[4]}
        encoded=${BASH_REMATCH[3]//\\/\\\\}
        printf -v PGPASSWORD '%b' "${encoded//%/\\x}"
        export PGPASSWORD
    fi
    need psql postgresql-client
    need pg_dump postgresql-client
    ;;
*) fail "AP_GATEWAY_LEDGER_URL begins with neither sqlite: nor postgres://" ;;
esac

# Runs one statement on a SQLite file and prints its rows. Python brings SQLite along.
in_sqlite() { # FILE STATEMENT
    if command -v sqlite3 > /dev/null; then
        sqlite3 -readonly -cmd '.timeout 30000' "$1" "$2"
    else
        python3 -c 'import sqlite3, sys
ledger = sqlite3.connect(sys.argv[1], timeout=30, isolation_level=None)
for row in ledger.execute(sys.argv[2]): print(*row, sep="|")' "$1" "$2"
    fi
}

in_postgres() { # STATEMENT
    psql --no-psqlrc --quiet --tuples-only --no-align --set ON_ERROR_STOP=1 --dbname "$ledger_url" \
        --command "$1"
}

# The files of a backup but its manifest, one a line.
files_of() { # FOLDER
    (cd "$1" && find . -type f ! -path ./manifest.sha256 | LC_ALL=C sort)
}
