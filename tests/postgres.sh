#!/usr/bin/env bash
# Owns: a PostgreSQL that lives as long as one command.
#
#   tests/postgres.sh COMMAND …     runs COMMAND with DOORWARD_TEST_POSTGRES=postgres://… and then throws the server away
#
# Where DOORWARD_TEST_POSTGRES is set already, that server is used and left alone.
set -euo pipefail

[ $# -gt 0 ] || { echo "usage: tests/postgres.sh COMMAND …" >&2; exit 2; }
[ -z "${DOORWARD_TEST_POSTGRES:-}" ] || exec "$@"

bin=$(compgen -G '/usr/lib/postgresql/*/bin' | sort --version-sort | tail -n 1 || true)
[ -n "$bin" ] || bin=$(dirname "$(command -v pg_ctl)")

# PostgreSQL refuses to run as root.
run=()
if [ "$(id -u)" -eq 0 ]; then
    user=postgres
    id "$user" >/dev/null 2>&1 || user=nobody
    run=(runuser -u "$user" --)
fi

# Not under the repository: the other user may not be able to reach it there.
home=$(mktemp -d "${TMPDIR:-/tmp}/doorward-postgres.XXXXXX")
[ ${#run[@]} -eq 0 ] || chown "$user" "$home"
cd "$home"

stop() {
    # Immediate: the data is thrown away, and clients that a failed test left connected must not hold us up.
    [ ! -f "$home/data/postmaster.pid" ] ||
        "${run[@]}" "$bin/pg_ctl" -D "$home/data" -m immediate -w stop >/dev/null 2>&1 || true
    cd /
    rm -rf "$home"
}
child=
end() {
    [ -z "$child" ] || kill -TERM "$child" 2>/dev/null || true
    exit "$1"
}
trap stop EXIT
trap 'end 129' HUP
trap 'end 130' INT
trap 'end 143' TERM

"${run[@]}" "$bin/initdb" -D "$home/data" -U doorward --auth=trust --encoding=UTF8 --locale=C --no-sync \
    >"$home/initdb.log" 2>&1 || { cat "$home/initdb.log" >&2; exit 1; }
cat >>"$home/data/postgresql.conf" <<'CONF'
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
max_connections = 300
fsync = off
synchronous_commit = off
full_page_writes = off
CONF

# Taking a port and finding it free are one step only inside the server, so try and look.
for attempt in 1 2 3 4 5; do
    port=$((20000 + RANDOM % 12000))
    ! "${run[@]}" "$bin/pg_ctl" -D "$home/data" -l "$home/server.log" -o "-p $port" -w -t 60 start >/dev/null 2>&1 || break
    [ "$attempt" -lt 5 ] || { cat "$home/server.log" >&2; exit 1; }
done

export DOORWARD_TEST_POSTGRES="postgres://doorward@127.0.0.1:$port/postgres"
cd "$OLDPWD"
# In the background with wait, because bash runs a trap only between commands.
"$@" &
child=$!
wait "$child"
