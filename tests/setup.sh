#!/usr/bin/env bash
# Owns: what a machine must have before a test target can run. Installs what is missing and touches nothing else.
#
#   tests/setup.sh rust deny postgres node openssl chromium apache python
#
# Debian packages come through apt, as root or with sudo; cargo-deny comes through cargo.
set -euo pipefail

# Each check proves that the thing works, not that a package of that name is there: another source of it is as good.
has_openssl() { command -v openssl >/dev/null; }
has_cc() { command -v cc >/dev/null; }
has_postgres() { compgen -G '/usr/lib/postgresql/*/bin/pg_ctl' >/dev/null || command -v pg_ctl >/dev/null; }
has_chromium() { command -v chromium >/dev/null; }
has_apache() { command -v /usr/sbin/apache2 >/dev/null && [ -e /usr/lib/apache2/modules/mod_auth_openidc.so ]; }
has_node() { node -e 'const [a, b] = process.versions.node.split(".").map(Number);
    process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' 2>/dev/null && command -v npm >/dev/null; }
has_python() { python3 -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }
has_deny() {
    local found
    found=$(cargo deny --version 2>/dev/null | awk '{print $2}') && [ -n "$found" ] &&
        printf '%s\n%s\n' 0.18.0 "$found" | sort --version-sort --check=quiet
}

packages=()
want_deny=
for part in "$@"; do
    case $part in
        rust) has_cc || packages+=(build-essential) ;;
        openssl) has_openssl || packages+=(openssl) ;;
        deny) want_deny=1 ;;
        postgres) has_postgres || packages+=(postgresql) ;;
        chromium) has_chromium || packages+=(chromium fonts-dejavu-core) ;;
        apache) has_apache || packages+=(apache2 libapache2-mod-auth-openidc) ;;
        node) has_node || packages+=(nodejs npm) ;;
        python) has_python || packages+=(python3 python3-venv) ;;
        *) echo "setup: no part is called '$part'" >&2; exit 2 ;;
    esac
done

if [ ${#packages[@]} -gt 0 ]; then
    command -v apt-get >/dev/null || {
        echo "setup: please install ${packages[*]} (apt-get is not here to do it)" >&2
        exit 1
    }
    as_root=()
    [ "$(id -u)" -eq 0 ] || as_root=(sudo)
    echo "setup: installing ${packages[*]}"
    "${as_root[@]}" apt-get update -qq </dev/null
    # RUNLEVEL=1: Debian's postgresql and apache2 would otherwise start servers that nobody here asked for.
    "${as_root[@]}" env RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive \
        apt-get install --yes --no-install-recommends "${packages[@]}" </dev/null
fi

for part in "$@"; do
    case $part in
        rust | deny)
            command -v cargo >/dev/null || {
                echo "setup: Rust is missing; https://rustup.rs installs it" >&2
                exit 1
            }
            for component in fmt clippy; do
                cargo "$component" --version >/dev/null 2>&1 || rustup component add rustfmt clippy
            done
            ;;
        node) has_node || {
            echo "setup: node 20.19 or newer with npm is needed; found $(node --version 2>/dev/null || echo none)" >&2
            exit 1
        } ;;
        python) has_python || {
            echo "setup: python 3.11 or newer with venv is needed; found $(python3 --version 2>/dev/null || echo none)" >&2
            exit 1
        } ;;
    esac
done

if [ -n "$want_deny" ] && ! has_deny; then
    echo "setup: installing cargo-deny"
    # --debug: it runs for a second per test run, so an optimised build would never earn back its minutes.
    env -u CARGO_TARGET_DIR cargo install --locked --debug --force cargo-deny
fi
