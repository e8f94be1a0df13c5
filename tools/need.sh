#!/usr/bin/env bash
# Sees to it that commands are there, with apt-get where they are not:
#
#	tools/need.sh COMMAND[:PACKAGE]...
#
# As root, or by sudo where it asks for no password. Otherwise it says what to install.
set -euo pipefail

commands=() packages=()
for pair in "$@"; do
	command=${pair%%:*}
	if ! command -v "$command" >/dev/null; then
		commands+=("$command")
		packages+=("${pair#*:}")
	fi
done
[ ${#commands[@]} -gt 0 ] || exit 0

as_root=()
if [ "$(id -u)" != 0 ]; then
	as_root=(sudo -n)
fi
if ! command -v apt-get >/dev/null || { [ ${#as_root[@]} -gt 0 ] && ! sudo -n true 2>/dev/null; }; then
	echo "need: not found: ${commands[*]}. Install the packages and start again; on Debian:" >&2
	echo "      sudo apt-get install ${packages[*]}" >&2
	exit 1
fi

echo "need: installing ${packages[*]} for ${commands[*]}"
export DEBIAN_FRONTEND=noninteractive
"${as_root[@]}" apt-get update -qq </dev/null
"${as_root[@]}" apt-get install -y -qq --no-install-recommends "${packages[@]}" </dev/null
for command in "${commands[@]}"; do
	if ! command -v "$command" >/dev/null; then
		echo "need: $command is still not found after installing ${packages[*]}" >&2
		exit 1
	fi
done
